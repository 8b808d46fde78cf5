/** Files of a table's folder that no commit names: left by an import that was killed, or of one that runs at this moment. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeltaLog } from './delta/delta-log.ts';

export interface Files {
  readonly files: number;
  readonly bytes: number;
}

/** Counts them. Brings the log up to date after looking: a segment that was committed meanwhile is not a left-over. */
export const countUnnamedFiles = async (log: DeltaLog): Promise<Files> => {
  const entries = await readdir(log.folder, { withFileTypes: true }).catch(() => []);
  await log.refresh();
  let files = 0;
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile() || log.segments.has(entry.name) || log.removed.has(entry.name)) continue;
    files++;
    bytes += (await stat(join(log.folder, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return { files, bytes };
};
