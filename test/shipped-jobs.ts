/** The jobs that come with the program over random tickets that come in any order, held against their own queries asked of everything at once. */
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { strategies } from '../src/jobs/choose-job.ts';
import { type Job, loadJobs } from '../src/jobs/index.ts';
import { orderJobs } from '../src/jobs/order-jobs.ts';
import { Scheduler } from '../src/jobs/scheduler.ts';
import { Random } from '../src/kit/random.ts';
import { DAY, HOUR, MINUTE } from '../src/kit/time.ts';
import { openWorkbench, type Row, type Store } from '../src/store/index.ts';
import { counters, flows, imports } from '../src/tickets/index.ts';
import { anyRows } from './any-rows.ts';
import { ask, sealRows } from './store-fixture.ts';

const base = Date.UTC(2014, 1, 20) * 1000;
const end = base + 4 * DAY;
/** Windows of a job that are asked about, about as many; rows elsewhere must at least be of windows that may have some. */
const ASKED = 30;
const shipped = orderJobs(loadJobs([fileURLToPath(new URL('../jobs', import.meta.url))]));

/** An import of flows and counters that were reported in a few minutes here and there. */
const importSome = async (store: Store, random: Random, id: string): Promise<void> => {
  const days = random.between(0, 2);
  const bursts = Array.from(
    { length: 3 },
    () => base + days * DAY + random.between(0, 30) * HOUR + random.between(0, 3) * MINUTE,
  );
  const reportedAt = (): number => random.pick(bursts) + random.pick([0, 1, MINUTE - 1, random.between(0, 3 * MINUTE)]);
  const run = store.beginImport(id);
  for (const table of [flows, counters]) {
    const rows = anyRows(random, table, random.between(10, 40), random.pick(bursts) - 3 * HOUR);
    const reported = rows.map((row) => ({ ...row, source: id, reported_at: reportedAt() }));
    if (rows.length > 0) await run.write(sealRows(table, reported));
  }
  const lastAt = Math.max(...bursts) + 3 * MINUTE;
  await run.write(sealRows(imports, [{ source: id, id, reported_at: lastAt, last_at: lastAt, first_at: bursts[0]! }]));
  await run.commit();
};

const microseconds = (time: number): string => `make_timestamp(${time})`;

/** Starts of the windows of which some slice may hold a row, by the rules of windows and nothing else. */
const windowsOf = async (store: Store, { inputs, stepUs, name }: Job): Promise<readonly number[]> => {
  const starts = new Set<number>();
  for (const { table, windowUs, delayUs } of inputs) {
    if (table === name) continue;
    const rows = await ask(store, `SELECT DISTINCT epoch_us(reported_at) AS at FROM ${table}`);
    for (const { at } of rows) {
      const first = Math.floor((Number(at) + delayUs - stepUs) / stepUs) * stepUs + stepUs;
      for (let start = first; start < Number(at) + delayUs + windowUs; start += stepUs) starts.add(start);
    }
  }
  const sorted = [...starts].filter((start) => start + stepUs <= end).sort((a, b) => a - b);
  // What reads itself goes on from its first window.
  if (!inputs.some(({ table }) => table === name) || sorted.length === 0) return sorted;
  const all: number[] = [];
  for (let start = sorted[0]!; start + stepUs <= end; start += stepUs) all.push(start);
  return all;
};

/** A row as one text, of the columns that the job names. */
const lineOf = ({ columns }: Job, start: number, row: Row): string => {
  const cells = Object.entries(columns).map(([name, { kind }]) => {
    const value = row[name];
    if (kind === 'text') return value ?? '';
    return kind === 'real' && typeof value === 'number' ? value.toPrecision(10) : value;
  });
  return JSON.stringify([start, ...cells]);
};

/** The query of a job over the slices of one window, as they stand in the store. */
const answerOf = async (store: Store, job: Job, start: number): Promise<readonly string[]> => {
  const tables = [...new Set(job.inputs.map(({ table }) => table))];
  const whole = tables.map((table) => `"all ${table}" AS (SELECT * FROM ${table})`);
  const slices = job.inputs.map(({ table, name, windowUs, delayUs }) => {
    const until = start + job.stepUs - delayUs;
    const range = `reported_at >= ${microseconds(until - windowUs)} AND reported_at < ${microseconds(until)}`;
    return `"${name}" AS (SELECT * FROM "all ${table}" WHERE ${range})`;
  });
  const sql = job.sql
    .replaceAll('{bin:Int64}', String(job.rollup?.widthUs))
    .replaceAll('{window_start:Int64}', String(start))
    .replaceAll('{window_end:Int64}', String(start + job.stepUs));
  const rows = await ask(store, `WITH ${[...whole, ...slices].join(', ')}\nSELECT * FROM (${sql})`);
  return rows.map((row) => lineOf(job, start, row));
};

/** Imports in any order, runs in between by schedulers that know nothing of each other; then each table is asked about. */
export const playShipped = async (store: Store, seed: number, rounds: number): Promise<void> => {
  const random = new Random(seed);
  const bench = await openWorkbench({ memoryMb: 512, threads: 1 });
  onTestFinished(() => bench.close());
  const drain = async (until?: number): Promise<void> => {
    const options = { strategy: random.pick(strategies), parallel: random.between(1, 3), now: Date.now };
    const scheduler = new Scheduler(store, bench, shipped, { ...options, ...(until && { until }) });
    expect(await scheduler.drain(), `seed ${seed}`).toEqual([]);
    await scheduler.close();
  };
  for (let round = 0; round < rounds; round++) {
    await importSome(store, random, `round-${round}`);
    if (random.chance(0.5)) await drain(random.chance(0.3) ? base + random.between(1, 90) * HOUR : undefined);
    if (random.chance(0.2)) await store.compact();
  }
  await drain(end);
  for (const job of shipped) {
    const windows = await windowsOf(store, job);
    const asked = new Set(
      windows.length <= ASKED ? windows : windows.filter(() => random.chance(ASKED / windows.length)),
    );
    const expected: string[] = [];
    for (const start of asked) expected.push(...(await answerOf(store, job, start)));
    const rows = await ask(store, `SELECT *, epoch_us(reported_at) AS window_start FROM ${job.name}`);
    const startOf = ({ window_start }: Row): number => Number(window_start);
    const found = rows.filter((row) => asked.has(startOf(row))).map((row) => lineOf(job, startOf(row), row));
    const where = `seed ${seed}, ${job.name}`;
    expect(found.sort(), where).toEqual(expected.sort());
    expect(rows.map(startOf), where).toSatisfy((starts: number[]) => starts.every((start) => windows.includes(start)));
    expect(rows.length, where).toBeGreaterThan(0);
  }
};
