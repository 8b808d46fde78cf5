/** What the tests of jobs share: a store with flows at given times, job files as text, and a scheduler over them. */
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

/** The store, to whoever runs jobs in it: something else happens before each of their commits, told its table. */
export const beforeReplacing = (store: Store, happen: (table: string) => Promise<void>): Store =>
  new Proxy(store, {
    get: (target, name) => {
      if (name === 'replace')
        return async (...[table, replacement]: Parameters<Store['replace']>) => {
          await happen(table.name);
          return target.replace(table, replacement);
        };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
