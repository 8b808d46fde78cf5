/** Brings the tables of jobs up to date, once or again and again. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkJobs, type Job, type Progress, Scheduler, type SchedulerOptions, withInputs } from '../jobs/index.ts';
import { toIsoTime } from '../kit/time.ts';
import { damaged, openWorkbench, type Snapshot, type Store, type Workbench } from '../store/index.ts';
import type { Done } from './done.ts';
import { ExitCode } from './exit-code.ts';
import { formatError } from './format-error.ts';
import { loadAllJobs } from './load-jobs.ts';
import { startProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { warnOnce } from './warn-once.ts';

const LOOK_AGAIN_MS = 1000;

/** What to run: names of jobs (none stands for all), and where there are more than those that come with the program. */
export interface Selection {
  readonly names: readonly string[];
  readonly paths: readonly string[];
}

/** Jobs in order, checked against the store: those of the names, and those that they read. */
const checkedJobs = async (
  store: Store,
  bench: Workbench,
  jobs: readonly Job[],
  names: readonly string[],
): Promise<readonly Job[]> => {
  const snapshot = await store.snapshot();
  try {
    return withInputs(await checkJobs(jobs, bench, snapshot.tables), names);
  } finally {
    await snapshot.close();
  }
};

/** What was done for one job. */
interface Sum {
  windows: number;
  again: number;
  rows: number;
}

/** Adds up what is done, and tells it. */
const startAccount = (): { readonly note: (done: Progress) => void; readonly lines: () => string } => {
  const sums = new Map<string, Sum>();
  return {
    note: ({ job, windows, rows }) => {
      const sum = sums.get(job.name) ?? { windows: 0, again: 0, rows: 0 };
      sums.set(job.name, sum);
      sum.windows += windows.length;
      sum.again += windows.filter(({ reason }) => reason !== 'new').length;
      sum.rows += rows;
    },
    lines: () =>
      [...sums]
        .map(([name, { windows, again, rows }]) => {
          const more = again === 0 ? '' : ` (${again} of them again)`;
          return `${name}: ${windows} windows${more}, ${rows} rows\n`;
        })
        .join(''),
  };
};

export interface RunOptions extends SchedulerOptions {
  readonly quiet?: true | undefined;
  readonly follow?: true | undefined;
}

/** Runs a scheduler until nothing is to be done, and tells what it did. */
export const drain = async (
  scheduler: Scheduler,
  terminal: Terminal,
  done: Done,
  quiet: true | undefined,
  signal?: AbortSignal,
): Promise<void> => {
  const account = startAccount();
  const warn = warnOnce(terminal);
  const bar = startProgress(terminal, quiet === true);
  const note = (progress: Progress): void => {
    const { job, windows, problems } = progress;
    account.note(progress);
    for (const problem of problems) warn(damaged(problem));
    if (problems.length > 0) done(ExitCode.PARTIAL);
    bar.live(() => `${job.name}: come to ${toIsoTime(windows.at(-1)!.start + job.stepUs)}`);
  };
  const failures = await scheduler.drain(note, signal);
  bar.clear();
  if (!quiet) terminal.err(account.lines());
  for (const { job, error } of failures)
    terminal.err(`sonde: ${job.name}: ${formatError(error).replace(/^sonde: /, '')}`);
  if (failures.length > 0) done(ExitCode.PARTIAL);
};

/** Brings tables up to date; with `follow` until the signal, by the job files as they are at each look. */
export const runJobs = async (
  store: Store,
  selection: Selection,
  options: RunOptions,
  terminal: Terminal,
  done: Done,
  signal: AbortSignal,
): Promise<void> => {
  // Windows are small work: a thread a job costs a quarter less than two threads at each.
  const bench = await openWorkbench({ threads: Math.max(1, Math.floor(availableParallelism() / options.parallel)) });
  const warn = warnOnce(terminal);
  let read = '';
  /** Undefined if the files are as they were: what a scheduler knows of the store is kept then. */
  const renew = async (): Promise<Scheduler | undefined> => {
    const loaded = loadAllJobs(selection.paths);
    const before = read;
    read = JSON.stringify(loaded);
    if (read === before) return undefined;
    return new Scheduler(store, bench, await checkedJobs(store, bench, loaded, selection.names), options);
  };
  try {
    for (let scheduler = (await renew())!; ; ) {
      await drain(scheduler, terminal, done, options.quiet, signal);
      await store.tidy(warn);
      if (options.follow) await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
      if (!options.follow || signal.aborted) return;
      // A file that is being edited stops nothing that runs.
      const next = await renew().catch((error: unknown) => void terminal.err(formatError(error)));
      if (next === undefined) continue;
      await scheduler.close();
      scheduler = next;
    }
  } finally {
    bench.close();
  }
};

/** Opens a scheduler over all jobs that has looked at the store, for as long as `use` takes. */
export const withScheduler = async (
  store: Store,
  paths: readonly string[],
  options: SchedulerOptions,
  use: (scheduler: Scheduler, snapshot: Snapshot) => Promise<void>,
): Promise<void> => {
  const bench = await openWorkbench();
  try {
    const jobs = await checkedJobs(store, bench, loadAllJobs(paths), []);
    const scheduler = new Scheduler(store, bench, jobs, options);
    const snapshot = await scheduler.look();
    try {
      await use(scheduler, snapshot);
    } finally {
      await snapshot.close();
    }
  } finally {
    bench.close();
  }
};
