/** A store in which single bits flip: what is wrong must be said, and everything else be served. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'vitest';
import { Random } from '../src/kit/random.ts';
import { openStore } from '../src/store/index.ts';
import { flows } from '../src/tickets/index.ts';
import { jobText, runJobs } from './job-fixture.ts';
import { addFlows, evening, importRow, sealRows } from './store-fixture.ts';

/** Of each import. */
const ROWS = 50;

const minutes = jobText(
  'minutes',
  ['flows window 60'],
  ['service text', 'n count'],
  'SELECT service, count(*) AS n FROM flows GROUP BY service',
);

/**
 * A live capture with so many commits that its logs have checkpoints, imports, merged segments of both, a table of a job,
 * and more imports.
 */
export const plantForFlips = async (folder: string): Promise<void> => {
  const store = await openStore(folder, { threads: 1 });
  await store.bindKey('0123456789abcdef');
  const stream = store.beginStream('live');
  for (let i = 0; i < 66; i++) {
    await stream.write(sealRows(flows, [{ source: 'live', reported_at: evening + i, flow_id: String(1e15 + i) }]));
    await stream.commit(importRow('live'));
  }
  for (const id of ['a', 'b']) await addFlows(store, id, ROWS);
  await store.compact();
  await runJobs(store, [minutes], { until: evening + 60e6 });
  for (const id of ['c', 'd', 'e']) await addFlows(store, id, ROWS);
  await runJobs(store, [minutes], { until: evening + 120e6 });
};

const tables = ['flows', 'imports', 'minutes', 'runs'];

interface Target {
  readonly table: string;
  readonly file: string;
  /** Those that are lost with it; undefined for a file of a log. */
  readonly rows?: number;
}

/** What a snapshot reads, and what other programs read of the logs. */
const filesOf = async (folder: string): Promise<readonly Target[]> => {
  const snapshot = await (await openStore(folder)).snapshot();
  try {
    return tables.flatMap((table) => [
      ...readdirSync(join(folder, table, '_delta_log')).map((file) => ({ table, file: `_delta_log/${file}` })),
      ...snapshot.segmentsOf(table).map(({ file, rows }) => ({ table, file, rows: rows! })),
    ]);
  } finally {
    await snapshot.close();
  }
};

const flipBit = (path: string, random: Random): void => {
  const bytes = readFileSync(path);
  const at = random.between(0, bytes.length - 1);
  bytes[at]! ^= 1 << random.between(0, 7);
  writeFileSync(path, bytes);
};

const countOf = async (folder: string, table: string): Promise<number> => {
  const snapshot = await (await openStore(folder, { threads: 1 })).snapshot();
  try {
    const [row] = await (await snapshot.query(`SELECT count(*) AS n FROM ${table}`)).rows();
    return Number(row?.n);
  } finally {
    await snapshot.close();
  }
};

/** What a reader makes of a Parquet file that knows no hashes: a digest of all values; undefined if it cannot read it. */
const digestOf = async (path: string): Promise<string | undefined> => {
  const engine = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await engine.connect();
    const sql = `SELECT count(*), sum(hash(one::VARCHAR)) FROM read_parquet('${path}') AS one`;
    return String((await connection.runAndReadAll(sql)).getRows()[0]);
  } catch {
    return undefined;
  } finally {
    engine.closeSync();
  }
};

/** What was flipped; of a segment, what Parquet alone makes of that. */
export type Flip = 'log' | 'segment refused' | 'segment read as it was' | 'segment read as something else';

const readAlone = async (whole: string, flipped: string): Promise<Flip> => {
  const [before, after] = [await digestOf(whole), await digestOf(flipped)];
  if (after === undefined) return 'segment refused';
  return after === before ? 'segment read as it was' : 'segment read as something else';
};

/**
 * Flips a bit of a random file in a copy of the store: a segment or a file of a log, of tickets or of a job. It must be
 * named, and all that does not hang on it be served.
 *
 * @param whole a store by `plantForFlips`
 * @param folder where the copy goes, and is taken away again
 */
export const flipAndVerify = async (whole: string, folder: string, seed: number): Promise<Flip> => {
  const random = new Random(seed);
  const files = await filesOf(whole);
  // There are more files of logs than segments.
  const isOfLog = random.chance(0.5);
  const { table, file, rows } = random.pick(files.filter((one) => (one.rows === undefined) === isOfLog));
  const all = await countOf(whole, table);
  mkdirSync(folder);
  try {
    cpSync(whole, folder, { recursive: true });
    flipBit(join(folder, table, file), random);
    const verdicts = await (await openStore(folder, { threads: 1 })).verify();
    const problems = verdicts.flatMap((verdict) => verdict.problems);
    const where = `seed ${seed}, ${table}/${file}: ${problems.join('; ')}`;
    const isNamed = problems.some((problem) => problem.startsWith(`${table}/${file}: `));
    expect(isNamed, where).toBe(true);
    const left = await countOf(folder, table).catch((error: unknown) => {
      // The columns of a table that a job fills stand in its first commit.
      expect(`${table} ${error}`, where).toMatch(/^minutes .*minutes/);
      return 0;
    });
    if (rows !== undefined) expect(left, where).toBe(all - rows);
    else if (file.includes('checkpoint')) expect(left, where).toBe(all);
    else expect(left, where).toBeLessThanOrEqual(all);
    return rows === undefined ? 'log' : await readAlone(join(whole, table, file), join(folder, table, file));
  } finally {
    rmSync(folder, { recursive: true });
  }
};
