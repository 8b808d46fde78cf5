/** Which segments of the tables may be seen: those whose import or stream the table of imports has too. */
import { imports } from '../tickets/index.ts';
import type { DeltaLog } from './delta/delta-log.ts';
import type { Segment } from './delta/segment.ts';
import { importOf, streamOf } from './delta/transaction.ts';
import type { SnapshotTable } from './snapshot.ts';

/** How far imports and streams are complete, by application id. */
export type Complete = ReadonlyMap<string, number>;

/**
 * Reads all logs and tells what is complete. `imports` comes first: what it names by then is complete in the tables read
 * after it, and what it learns later does not count.
 */
export const refreshAll = async (logs: readonly DeltaLog[]): Promise<Complete> => {
  const importsLog = logs.find(({ table }) => table.name === imports.name)!;
  await importsLog.refresh();
  const complete = new Map([...importsLog.transactions].map(([appId, { version }]) => [appId, version]));
  for (const log of logs) await log.refresh();
  return complete;
};

/** The tables as the logs stand, without what is not complete. */
export const visibleTables = (logs: readonly DeltaLog[], complete: Complete): readonly SnapshotTable[] => {
  const isVisible = ({ transaction }: Segment): boolean =>
    transaction === undefined ||
    (importOf(transaction.appId) ?? streamOf(transaction.appId)) === undefined ||
    (complete.get(transaction.appId) ?? 0) >= transaction.version;
  return logs.map(({ table, folder, version, segments }) => ({
    table,
    folder,
    version,
    segments: [...segments.values()].filter(isVisible),
  }));
};
