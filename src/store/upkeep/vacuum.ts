/** Takes off the disk what no reader needs any more: replaced segments, left-overs, the beginnings of logs. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HOUR } from '../../kit/time.ts';
import { cleanLog } from '../delta/clean-log.ts';
import type { DeltaLog } from '../delta/delta-log.ts';
import { visibleTables } from '../visible-tables.ts';

/** How long files stay, milliseconds. */
export interface Grace {
  /** After they left the table, or the log; longer than the longest query, which may hold a snapshot that has them. */
  readonly removedMs: number;
  /** Without having been named by any commit; longer than the longest import, which names its segments at its end. */
  readonly unnamedMs: number;
}

export const defaultGrace: Grace = { removedMs: HOUR / 1000, unnamedMs: (7 * 24 * HOUR) / 1000 };

/** What was taken off the disk. */
export interface Vacuumed {
  readonly files: number;
  readonly bytes: number;
}

/** Segments, and files in the making. */
const isOurs = (name: string): boolean => name.endsWith('.parquet') || /^\..*\.tmp$/.test(name);

/** What a rewrite replaced that is not complete shows as before. */
const isNeeded = (log: DeltaLog, file: string): boolean => log.segments.has(file) || log.replaced.has(file);

/** @param now milliseconds since 1970 */
export const vacuumTable = async (log: DeltaLog, { removedMs, unnamedMs }: Grace, now: number): Promise<Vacuumed> => {
  const entries = await readdir(log.folder, { withFileTypes: true }).catch(() => []);
  // Read again: a segment that was committed meanwhile is not a left-over.
  await log.refresh();
  // Commits that cannot be read may name anything.
  if (log.problem !== undefined) return { files: 0, bytes: 0 };
  let { files, bytes } = await cleanLog(join(log.folder, '_delta_log'), now - removedMs);
  for (const entry of entries) {
    if (!entry.isFile() || !isOurs(entry.name) || isNeeded(log, entry.name)) continue;
    const path = join(log.folder, entry.name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) continue;
    const removedAt = log.removed.get(entry.name);
    const isDue = removedAt === undefined ? now - found.mtimeMs > unnamedMs : now - removedAt > removedMs;
    if (!isDue) continue;
    await rm(path, { force: true }).catch(() => undefined);
    files++;
    bytes += found.size;
  }
  return { files, bytes };
};

/** Cleans up all tables. @param now milliseconds since 1970 */
export const vacuum = async (logs: readonly DeltaLog[], grace: Grace, now: number): Promise<Vacuumed> => {
  let files = 0;
  let bytes = 0;
  // Which rewrites are complete.
  await visibleTables(logs);
  for (const log of logs) {
    const gone = await vacuumTable(log, grace, now);
    files += gone.files;
    bytes += gone.bytes;
  }
  return { files, bytes };
};
