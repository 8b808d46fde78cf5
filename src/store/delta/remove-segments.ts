/** Taking segments off the disk: those that no commit names, and those that left their table long ago. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeltaLog } from './delta-log.ts';
import type { WrittenSegment } from './segment.ts';

/** Longer than the longest query: until then a reader may hold a snapshot in which the file still was. */
const GRACE_MS = 3_600_000;

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

/** Removes the files that left the table longer ago than any reader may need them. `now`: milliseconds since 1970. */
export const vacuum = async (log: DeltaLog, now: number): Promise<void> => {
  if (log.removed.size === 0) return;
  for (const file of await readdir(log.folder).catch(() => [])) {
    const removedAt = log.removed.get(file);
    if (removedAt === undefined || now - removedAt <= GRACE_MS) continue;
    await rm(join(log.folder, file), { force: true }).catch(() => undefined);
  }
};
