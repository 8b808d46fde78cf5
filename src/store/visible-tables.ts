/** Which segments of the tables may be seen: those whose import, stream or rewrite the table of imports has too. */
import { SondeError } from '../kit/errors.ts';
import { imports } from '../tickets/index.ts';
import type { DeltaLog } from './delta/delta-log.ts';
import type { Segment } from './delta/segment.ts';
import { isGated, type Transaction } from './delta/transaction.ts';
import type { SnapshotTable } from './snapshot.ts';

export interface VisibleTable extends SnapshotTable {
  readonly log: DeltaLog;
}

/** The tables at one moment. */
export interface Visible {
  readonly tables: readonly VisibleTable[];
  /** The version of the log of imports that told what is complete. */
  readonly importsVersion: number;
}

/** Each look but the first follows a commit of maintenance that fell into the one before it. */
const MAX_LOOKS = 100;

/**
 * Reads all logs. `imports` comes first: what it names by then is complete in the tables read after it, and what it
 * learns later does not count.
 *
 * Segments that were merged meanwhile may hold rows of an import that `imports` did not have at that look. Such a commit
 * tells the version of `imports` that has them all; until that is read, everything is looked at again.
 *
 * @param logs one a table
 * @throws SONDE_STORE_UNREADABLE
 */
export const visibleTables = async (logs: readonly DeltaLog[]): Promise<Visible> => {
  const importsLog = logs.find(({ table }) => table.name === imports.name)!;
  const stateOf = (log: DeltaLog) => ({
    log,
    table: log.table,
    folder: log.folder,
    version: log.version,
    segments: [...log.segments.values()],
    replaced: [...log.replaced.values()],
    rewrites: [...log.rewrites],
  });
  for (let look = 0; look < MAX_LOOKS; look++) {
    await importsLog.refresh();
    const complete = importsLog.transactions;
    const ofImports = stateOf(importsLog);
    for (const log of logs) if (log !== importsLog) await log.refresh();
    const isAhead = logs.some((log) => log !== importsLog && log.importsVersion > ofImports.version);
    if (isAhead && importsLog.problem === undefined) continue;
    const isComplete = ({ appId, version }: Transaction): boolean => (complete.get(appId)?.version ?? 0) >= version;
    const isVisible = ({ transaction }: Segment): boolean =>
      transaction === undefined || !isGated(transaction) || isComplete(transaction);
    const switches = new Map(ofImports.rewrites);
    const tables = logs.map((log) => (log === importsLog ? ofImports : stateOf(log)));
    for (const log of logs) log.forgetReplaced(isComplete);
    return {
      tables: tables.map(({ replaced, rewrites, ...table }) => ({
        ...table,
        rewrites: rewrites.flatMap(([by, { ranges }]) => {
          const shown = switches.get(by);
          return shown === undefined ? [] : [{ snapshot: shown.version, ranges }];
        }),
        segments: [
          ...table.segments.filter(isVisible),
          ...replaced.flatMap(({ segment, by }) => (isComplete(by) || !isVisible(segment) ? [] : [segment])),
        ],
      })),
      importsVersion: ofImports.version,
    };
  }
  throw new SondeError(
    'SONDE_STORE_UNREADABLE',
    'the store is rewritten faster than its logs can be read',
    { folder: importsLog.folder },
    'run it again when less of it is being compacted',
  );
};
