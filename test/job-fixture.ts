/** What the tests of jobs share: a store with flows at given times, job files as text, and a scheduler over them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { orderJobs } from '../src/jobs/order-jobs.ts';
import { parseJob } from '../src/jobs/parse-job.ts';
import { Scheduler, type SchedulerOptions } from '../src/jobs/scheduler.ts';
import { openWorkbench, type Row, type Store } from '../src/store/index.ts';
import { flows, imports } from '../src/tickets/index.ts';
import { ask, sealRows } from './store-fixture.ts';

/** A flow of one byte count. */
export interface TestFlow {
  /** When it was reported, in seconds. */
  readonly at: number;
  readonly client?: string;
  readonly bytes?: number;
}

/** Imports flows; the import has come to `until` seconds, or to the last flow. */
export const importFlows = async (
  store: Store,
  id: string,
  rows: readonly TestFlow[],
  until = Math.max(...rows.map(({ at }) => at)),
): Promise<void> => {
  const run = store.beginImport(id);
  if (rows.length > 0)
    await run.write(
      sealRows(
        flows,
        rows.map(({ at, client = 'a', bytes = 1 }) => ({
          source: id,
          vantage: 'v',
          reported_at: at * 1e6,
          client,
          up_bytes: bytes,
        })),
      ),
    );
  await run.write(
    sealRows(imports, [{ source: id, id, vantage: 'v', reported_at: until * 1e6, last_at: until * 1e6 }]),
  );
  await run.commit();
};

/** A job over windows, by the parts of its file. */
export const jobText = (
  name: string,
  inputs: readonly string[],
  columns: readonly string[],
  sql: string,
  more: readonly string[] = [],
): string =>
  [...inputs.map((one) => `input ${one}`), `output ${name}`, ...columns.map((one) => `  ${one}`), ...more, sql].join(
    '\n',
  );

/** A scheduler over job texts, whose engine ends with the test. */
export const schedule = async (
  store: Store,
  texts: readonly string[],
  options: Partial<SchedulerOptions> = {},
): Promise<Scheduler> => {
  const bench = await openWorkbench({ memoryMb: 256, threads: 1 });
  onTestFinished(() => bench.close());
  const jobs = orderJobs(texts.map((text, i) => parseJob(`${i}.job.sql`, text)));
  return new Scheduler(store, bench, jobs, { strategy: 'fifo', parallel: 1, now: Date.now, ...options });
};

/** Runs all that can be run; nothing may fail. */
export const runJobs = async (
  store: Store,
  texts: readonly string[],
  options: Partial<SchedulerOptions> = {},
): Promise<Scheduler> => {
  const scheduler = await schedule(store, texts, options);
  const failures = await scheduler.drain();
  if (failures.length > 0) throw failures[0]!.error;
  return scheduler;
};

/** Rows of a table without where they came from, times in seconds. */
export const rowsOf = async (store: Store, table: string, columns: string): Promise<readonly Row[]> =>
  await ask(store, `SELECT epoch_us(reported_at) // 1000000 AS at, ${columns} FROM ${table} ORDER BY ALL`);

/** The store with a call of one's own in place of one of its functions. */
const withCall = <Name extends 'replace' | 'snapshot'>(store: Store, name: Name, call: Store[Name]): Store =>
  new Proxy(store, {
    get: (target, asked) => {
      const value: unknown = asked === name ? call : Reflect.get(target, asked, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

/** The store, to which something happens each time before rows come into a table. */
export const beforeReplacing = (store: Store, happen: (table: string) => Promise<void>): Store =>
  withCall(store, 'replace', async (table, replacement) => {
    await happen(table.name);
    return store.replace(table, replacement);
  });

/** The store, whose snapshots are some milliseconds old when they are given. */
export const afterLooking = (store: Store, ms: number): Store =>
  withCall(store, 'snapshot', async () => {
    const snapshot = await store.snapshot();
    await sleep(ms);
    return snapshot;
  });
