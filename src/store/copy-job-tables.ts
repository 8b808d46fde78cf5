/** The tables of jobs of one folder into another: what was computed from tickets that may be gone since. */
import { runs, tables } from '../tickets/index.ts';
import { jobTransaction } from './delta/transaction.ts';
import { rowsToBatches } from './rows-to-batches.ts';
import type { Snapshot } from './snapshot.ts';
import type { Store } from './store.ts';

interface CopiedJobs {
  /** Tables that were copied, and those that the other store has already: its own jobs go on with these. */
  readonly copied: readonly string[];
  readonly known: readonly string[];
}

/** Rows of a table and the records of the runs behind them, which name no snapshot: that of the other store is another. */
const copyJob = async (job: string, from: Snapshot, to: Store, snapshot: number): Promise<void> => {
  const table = from.tableOf(job)!;
  const { appId } = jobTransaction(job, 0);
  const version = Math.max(1, from.reached(job, appId), from.reached(runs.name, appId));
  const transaction = jobTransaction(job, version);
  const rows = await from.query(`SELECT * FROM ${job} ORDER BY reported_at`);
  await to.replace(table, { transaction, snapshot, rows: rowsToBatches(table, rows), removed: [] });
  const columns = Object.keys(runs.columns).filter((name) => name !== 'snapshot');
  const records = await from.query(`SELECT ${columns.join(', ')} FROM runs WHERE job = {job:String}`, { job });
  await to.replace(runs, { transaction, snapshot, rows: rowsToBatches(runs, records), removed: [] });
};

/**
 * Copies those that the other store has not. To be called when it has the imports: then its jobs run again what these do
 * not explain. A copy that was broken off between rows and records makes them run again what their tickets tell.
 *
 * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_CORRUPT
 */
export const copyJobTables = async (from: Store, to: Store): Promise<CopiedJobs> => {
  const snapshot = await from.snapshot();
  const other = await to.snapshot();
  try {
    const others = new Set<string>([...tables, runs].map(({ name }) => name));
    const jobs = snapshot.tables.flatMap(({ name }) => (others.has(name) ? [] : [name]));
    const known = jobs.filter((name) => other.tableOf(name) !== undefined);
    const copied = jobs.filter((name) => !known.includes(name));
    for (const job of copied) await copyJob(job, snapshot, to, other.number);
    return { copied, known };
  } finally {
    await snapshot.close();
    await other.close();
  }
};
