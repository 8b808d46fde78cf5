/** Taking segments off the disk that no commit names. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeltaLog } from './delta-log.ts';
import type { WrittenSegment } from './segment.ts';

/** Removes segments of the table. One that stays is harmless: no commit names it, and `unfinished` counts it. */
export const removeSegments = async (log: DeltaLog, segments: readonly WrittenSegment[]): Promise<void> => {
  for (const { file } of segments) await rm(join(log.folder, file), { force: true }).catch(() => undefined);
};

/** Removes what no commit names. A commit may stand although its writer was told of a failure, so the logs are asked. */
export const removeUnnamed = async (logs: readonly DeltaLog[], segments: readonly WrittenSegment[]): Promise<void> => {
  for (const log of logs) {
    await log.refresh();
    await removeSegments(
      log,
      segments.filter(({ table, file }) => table === log.table.name && !log.segments.has(file)),
    );
  }
};
