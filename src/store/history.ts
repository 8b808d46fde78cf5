/** The history of a store: what each commit added and took away, and from which snapshot on it shows. */
import { imports } from '../tickets/index.ts';
import { type Action, importsVersionOf } from './delta/delta-commit.ts';
import type { DeltaLog } from './delta/delta-log.ts';
import { readCommits } from './delta/read-commits.ts';
import { parseAdd, parsePath } from './delta/segment.ts';
import { importOf, jobOf, streamOf } from './delta/transaction.ts';

interface Amount {
  readonly rows: number;
  readonly bytes: number;
}

/** A step of the store. Rows and bytes are over all tables that it touched. */
export interface Change {
  /** The first snapshot in which it shows. */
  readonly snapshot: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** 'import', 'stream' (one commit of a live capture), 'job' (one of a job), or what maintenance did. */
  readonly operation: string;
  /** Id of the import or stream, name of the job; '' otherwise. */
  readonly source: string;
  readonly tables: readonly string[];
  readonly added: Amount;
  readonly removed: Amount;
}

interface Step extends Omit<Change, 'snapshot' | 'tables' | 'added' | 'removed'> {
  /** Version of the log of imports that shows it, or on which it stands; undefined if none is told. */
  snapshot: number | undefined;
  readonly tables: string[];
  readonly added: { rows: number; bytes: number };
  readonly removed: { rows: number; bytes: number };
}

const operationOf = (appId: string): string => appId.replace(/:.*/s, '');

const actionsOf = (actions: readonly Action[], name: string): readonly Action[string][] =>
  actions.map((action) => action[name]).filter((value) => value !== undefined);

const newStep = (actions: readonly Action[], appId = ''): Step => {
  const [info = {}] = actionsOf(actions, 'commitInfo');
  const source = importOf(appId) ?? streamOf(appId) ?? jobOf(appId) ?? '';
  return {
    snapshot: undefined,
    at: Number(info.timestamp ?? 0),
    operation: source === '' ? String(info.operation ?? '').toLowerCase() : operationOf(appId),
    source,
    tables: [],
    added: { rows: 0, bytes: 0 },
    removed: { rows: 0, bytes: 0 },
  };
};

const add = (sum: { rows: number; bytes: number }, { rows, bytes }: Amount): void => {
  sum.rows += rows;
  sum.bytes += bytes;
};

/**
 * Reads it off the logs, oldest first: as far back as their commits are still there. What an import or a stream added to
 * some tables and not yet to that of imports shows in no snapshot, and is no part of it.
 *
 * @param logs one a table
 */
export const readHistory = async (logs: readonly DeltaLog[]): Promise<readonly Change[]> => {
  // What belongs together has one transaction in all tables.
  const steps = new Map<string, Step>();
  const snapshotTimes: number[] = [];
  for (const { table, folder } of logs) {
    const amounts = new Map<string, Amount>();
    // Who asks for a snapshot reads a log up to the first commit that stands on a later one.
    let newest = -1;
    for await (const { version, file, actions = [] } of readCommits(folder)) {
      const [transaction] = actionsOf(actions, 'txn');
      const appId = transaction === undefined ? undefined : String(transaction.appId);
      const key = appId === undefined ? `${table.name}/${file}` : `${appId} ${transaction?.version}`;
      const step = steps.get(key) ?? newStep(actions, appId);
      steps.set(key, step);
      step.tables.push(table.name);
      for (const action of actionsOf(actions, 'add')) {
        const segment = parseAdd(action, 0, undefined);
        if (segment === undefined) continue;
        const amount = { rows: segment.rows ?? 0, bytes: segment.bytes };
        amounts.set(segment.file, amount);
        add(step.added, amount);
      }
      for (const { path } of actionsOf(actions, 'remove')) {
        const amount = amounts.get(parsePath(path) ?? '');
        if (amount !== undefined) add(step.removed, amount);
      }
      const standsOn = importsVersionOf(actions);
      if (table.name === imports.name) {
        step.snapshot = version;
        snapshotTimes[version] = step.at;
      } else if (standsOn >= 0) {
        newest = Math.max(newest, standsOn);
        step.snapshot = Math.max(newest, step.snapshot ?? -1);
      }
    }
  }
  const snapshotAt = ({ at }: Step): number => snapshotTimes.findLastIndex((time) => time <= at);
  return [...steps.values()]
    .filter(({ snapshot, operation }) => snapshot !== undefined || !['import', 'stream'].includes(operation))
    .map((step) => ({ ...step, snapshot: step.snapshot ?? snapshotAt(step) }))
    .sort((a, b) => a.snapshot - b.snapshot || a.at - b.at);
};
