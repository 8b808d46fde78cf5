/** Runs a job over some windows, and puts what comes of it into the store in one commit of its table. */
import { createHash } from 'node:crypto';
import {
  emptySelect,
  jobTransaction,
  type Row,
  rowsToBatches,
  type Snapshot,
  type Store,
  type Transaction,
  type Workbench,
} from '../store/index.ts';
import type { Table } from '../tickets/column.ts';
import { runs } from '../tickets/index.ts';
import { isOwn, type Job, type JobInput, sliceOf } from './job.ts';
import { readColumns, rowsSql, windowParameters } from './job-sql.ts';
import { isOutdated, requireSound } from './lost-segments.ts';
import { outputTable } from './output-table.ts';
import type { Attempt, PlannedWindow } from './plan-windows.ts';
import { mayHold, type Relations } from './relations.ts';

/** What is run: windows of one job, in order, with the attempt that each of them is. */
export interface Batch {
  readonly job: Job;
  readonly windows: readonly Attempt[];
}

/** Where it is run. Several at once must have relations of their own. */
export interface Workplace {
  readonly store: Store;
  readonly bench: Workbench;
  readonly relations: Relations;
  /** The columns of a table that nobody has filled yet. */
  readonly tableOf: (name: string) => Table;
}

/** The same windows over the same inputs have the same id, and so the same rows. */
const runIdOf = (job: Job, { start, marks, changed }: PlannedWindow): string =>
  createHash('sha256')
    .update(JSON.stringify([job.name, job.version, start, marks, changed]))
    .digest('hex')
    .slice(0, 16);

/** The relation that collects what the windows give; no input can be called so. */
const freshOf = ({ name }: Job): string => `"rows of ${name}"`;

/** Is a row of one of the windows? */
const inWindows = ({ job, windows }: Batch): string =>
  `intDiv(epoch_us(reported_at), ${job.stepUs}) IN (${windows.map(({ start }) => start / job.stepUs).join(', ')})`;

/** What an input holds for all windows of the batch. */
const spanOf = ({ job, windows }: Batch, input: JobInput): { readonly from: number; readonly until: number } => ({
  from: sliceOf(job, input, windows[0]!.start).from,
  until: sliceOf(job, input, windows.at(-1)!.start).until,
});

const inputRelations = async (
  { relations, tableOf }: Workplace,
  snapshot: Snapshot,
  batch: Batch,
  output: Table,
): Promise<ReadonlyMap<string, string>> => {
  const { job } = batch;
  const found = new Map<string, string>();
  for (const input of job.inputs) {
    const table = isOwn(job, input) ? output : (snapshot.tableOf(input.table) ?? tableOf(input.table));
    const columns = isOwn(job, input) ? Object.keys(output.columns) : readColumns(job, table);
    const held = await relations.of(snapshot, { table, columns, ...spanOf(batch, input) });
    // What this batch gives is read by its later windows; what it replaces is not.
    const own = `(SELECT * FROM ${held} AS held WHERE NOT ${inWindows(batch)} UNION ALL BY NAME FROM ${freshOf(job)})`;
    found.set(input.name, isOwn(job, input) ? own : held);
  }
  return found;
};

/** How often each window of the job was run, as of a snapshot. */
const attemptsIn = async (snapshot: Snapshot, bench: Workbench, { job, windows }: Batch) => {
  const end = windows.at(-1)!.start + job.stepUs;
  const segments = snapshot.segmentsOf(runs.name).filter((segment) => mayHold(segment, windows[0]!.start, end));
  const result = await bench.query(
    `SELECT toUnixTimestamp64Micro(window_start) AS start, max(attempt) AS attempt
     FROM (${await snapshot.selectOf(runs, segments)}) WHERE job = {job:String} GROUP BY start`,
    { job: job.name },
  );
  return new Map((await result.rows()).map(({ start, attempt }) => [Number(start), Number(attempt)]));
};

/**
 * Commits the records of windows whose rows are committed. Records of another process, of rows that these rows have
 * replaced, may have come meanwhile; they stand, and count as attempts before.
 *
 * @returns false if the records of a later commit are there, whose rows have replaced these
 */
const commitRecords = async (
  { store, bench }: Workplace,
  snapshot: Snapshot,
  batch: Batch,
  transaction: Transaction,
  records: readonly Row[],
): Promise<boolean> => {
  let follows = snapshot.reached(runs.name, transaction.appId);
  let rows = records;
  const commit = (): Promise<boolean> =>
    store.replace(runs, {
      transaction,
      follows,
      snapshot: snapshot.number,
      rows: rowsToBatches(runs, [rows]),
      removed: [],
    });
  while (!(await commit())) {
    const now = await store.snapshot();
    try {
      follows = now.reached(runs.name, transaction.appId);
      if (follows >= transaction.version) return false;
      const attempts = await attemptsIn(now, bench, batch);
      rows = records.map((record) => ({ ...record, attempt: (attempts.get(Number(record.window_start)) ?? 0) + 1 }));
    } finally {
      await now.close();
    }
  }
  return true;
};

/**
 * Runs the windows and commits their rows and their records. Rows of earlier attempts are replaced in the same commit.
 *
 * A kill between the two commits leaves rows without a record: the windows are then run once more, with the same rows. So
 * does another process that looks between the two; then the one whose rows stand in the end is the last attempt.
 *
 * @param snapshot as of which the windows were planned
 * @returns the number of rows; undefined if another process was at this job or its table meanwhile: then nothing of it
 *   shows, and the windows are to be planned anew
 * @throws SONDE_JOB_INVALID, SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT, SONDE_STORE_WRITE_FAILED, SONDE_STORE_CORRUPT
 */
export const runBatch = async (place: Workplace, snapshot: Snapshot, batch: Batch): Promise<number | undefined> => {
  const { store, bench } = place;
  const { job, windows } = batch;
  const beganAt = Date.now() * 1000;
  const cpuBefore = process.cpuUsage();
  const output = outputTable(job, snapshot.tableOf(job.name));
  const fresh = freshOf(job);
  const { appId } = jobTransaction(job.name, 0);
  const number = 1 + Math.max(snapshot.reached(job.name, appId), snapshot.reached(runs.name, appId));
  const transaction = jobTransaction(job.name, number);
  await place.relations.trim();
  await bench.run(`CREATE OR REPLACE TABLE ${fresh} AS ${emptySelect(output)}`);
  const inputs = await inputRelations(place, snapshot, batch, output);
  const records: Record<string, Row[string]>[] = [];
  for (const window of windows) {
    const { start, marks, reason, attempt } = window;
    const id = runIdOf(job, window);
    const began = performance.now();
    const rows = await bench.run(
      `INSERT INTO ${fresh} BY NAME ${rowsSql(job, start, id, inputs)}`,
      windowParameters(job, start),
    );
    records.push({
      source: id,
      id,
      job: job.name,
      reported_at: start,
      window_start: start,
      window_end: start + job.stepUs,
      attempt,
      reason,
      number,
      began_at: beganAt,
      duration_us: Math.round(1000 * (performance.now() - began)),
      inputs: job.inputs.map(({ table }) => table),
      input_marks: marks,
      output_rows: rows,
      job_version: job.version,
      snapshot: snapshot.number,
    });
  }
  const end = windows.at(-1)!.start + job.stepUs;
  const replaced = snapshot.segmentsOf(job.name).filter((segment) => mayHold(segment, windows[0]!.start, end));
  const kept = `SELECT * FROM (${await snapshot.selectOf(output, replaced)}) WHERE NOT ${inWindows(batch)}`;
  const from = replaced.length === 0 ? fresh : `(${kept} UNION ALL BY NAME FROM ${fresh}) ORDER BY reported_at`;
  const removed = replaced.map(({ file }) => file);
  if (await isOutdated(store, job, snapshot)) return undefined;
  requireSound(job, snapshot, removed);
  const total = records.reduce((sum, { output_rows }) => sum + Number(output_rows), 0);
  const isNews = total > 0 || removed.length > 0 || snapshot.tableOf(job.name) === undefined;
  const replacement = { transaction, snapshot: snapshot.number, rows: { bench, from }, removed };
  if (isNews && !(await store.replace(output, replacement))) return undefined;
  const { user, system } = process.cpuUsage(cpuBefore);
  const rows = records.map((record) => ({ ...record, cpu_us: Math.round((user + system) / windows.length) }));
  return (await commitRecords(place, snapshot, batch, transaction, rows)) ? total : undefined;
};
