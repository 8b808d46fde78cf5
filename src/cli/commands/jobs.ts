/** `sonde jobs`: queries that roll over the store, window by window. */
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { checkJobs, loadJobs, type Scheduler, type Strategy, strategies, withInputs } from '../../jobs/index.ts';
import { SECOND } from '../../kit/time.ts';
import { openWorkbench, type Snapshot } from '../../store/index.ts';
import { type CommonOptions, resolveTimes, whole, withFormat, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { briefColumns, explainJob, gapColumns, listColumns, listGaps, listJobs, readsOf } from '../list-jobs.ts';
import { openFolderOf } from '../open-store.ts';
import { count, type RowFormat, text, writeRows } from '../rows-output.ts';
import { drain, runJobs, withScheduler } from '../run-jobs.ts';
import { onStopSignal } from '../stop-signal.ts';
import type { Terminal } from '../terminal.ts';

const addCheck = (jobs: Command, terminal: Terminal): void => {
  withFormat(jobs.command('check'))
    .description('are job files well-formed, and do they fit each other?')
    .argument('<path...>', 'job files, or folders with *.job.sql')
    .action(async (paths: readonly string[], { format }: { readonly format: RowFormat }) => {
      const loaded = loadJobs(paths);
      const bench = await openWorkbench();
      try {
        const rows = (await checkJobs(loaded, bench)).map(({ name, inputs, stepUs, file }) => ({
          job: name,
          reads: readsOf(inputs),
          step_s: stepUs / SECOND,
          file,
        }));
        const columns = [text('job'), text('reads'), count('step_s'), text('file')];
        await writeRows(columns, [rows], format, terminal.out, terminal.width);
      } finally {
        bench.close();
      }
    });
};

type JobFlags = CommonOptions & { readonly jobs?: readonly string[] };

type RunFlags = JobFlags & {
  readonly from?: string;
  readonly until?: string;
  readonly strategy: Strategy;
  readonly parallel: number;
  readonly follow?: true;
};

const withJobs = (command: Command): Command =>
  withStore(command).option('--jobs <path...>', 'more job files or folders');

const addRun = (jobs: Command, terminal: Terminal, done: Done): void => {
  withJobs(jobs.command('run'))
    .description('bring the tables of jobs up to date')
    .argument('[name...]', 'jobs to run, with those that they read; all by default')
    .option('--from <time>', 'no window that begins before')
    .option('--until <time>', 'no window that ends after; tickets are taken to be complete until then')
    .addOption(new Option('--strategy <name>', 'what goes first').choices(strategies).default('shared'))
    .option('--parallel <n>', 'jobs at once', whole(1), Math.min(2, availableParallelism()))
    .option('--follow', 'go on as tickets come, until Ctrl-C')
    .action(async (names: readonly string[], flags: RunFlags) => {
      const range = resolveTimes(flags, terminal.now());
      const { strategy, parallel, quiet, follow } = flags;
      const controller = new AbortController();
      const forget = onStopSignal(() => controller.abort());
      try {
        const options = { ...range, strategy, parallel, quiet, follow, now: () => terminal.now().getTime() };
        const selection = { names, paths: flags.jobs ?? [] };
        await runJobs(await openFolderOf(flags, terminal.env), selection, options, terminal, done, controller.signal);
      } finally {
        forget();
      }
    });
};

/** Looks at jobs and store with a scheduler that by itself changes nothing. */
const look = async (
  flags: JobFlags,
  terminal: Terminal,
  use: (scheduler: Scheduler, snapshot: Snapshot) => Promise<void>,
): Promise<void> => {
  const options = { strategy: 'fifo', parallel: 1, now: () => terminal.now().getTime() } as const;
  await withScheduler(await openFolderOf(flags, terminal.env), flags.jobs ?? [], options, use);
};

type ListFlags = JobFlags & { readonly format: RowFormat };

const addList = (jobs: Command, terminal: Terminal): void => {
  withFormat(withJobs(jobs.command('list')))
    .description('the jobs: how far each is, and whether it has something to do')
    .action(async (flags: ListFlags) => {
      await look(flags, terminal, async ({ ledger }, snapshot) => {
        const rows = await listJobs(snapshot, ledger);
        const columns = listColumns.filter(({ name }) => flags.format !== 'table' || briefColumns.has(name));
        await writeRows(columns, [rows], flags.format, terminal.out, terminal.width);
      });
    });
};

const addGaps = (jobs: Command, terminal: Terminal): void => {
  withFormat(withJobs(jobs.command('gaps')))
    .description('where jobs have windows without data, between those with data')
    .argument('[name...]', 'jobs; all by default')
    .action(async (names: readonly string[], flags: ListFlags) => {
      await look(flags, terminal, async ({ ledger }, snapshot) => {
        withInputs(ledger.jobs, names);
        const rows = await listGaps(snapshot, ledger, names);
        await writeRows(gapColumns, [rows], flags.format, terminal.out, terminal.width);
      });
    });
};

const addExplain = (jobs: Command, terminal: Terminal): void => {
  withJobs(jobs.command('explain'))
    .description('one job: its inputs, how far they are, and what comes next')
    .argument('<name>', 'the job')
    .action(async (name: string, flags: JobFlags) => {
      await look(flags, terminal, async ({ ledger }, snapshot) => {
        withInputs(ledger.jobs, [name]);
        terminal.out(await explainJob(snapshot, ledger, name));
      });
    });
};

type ReplayFlags = JobFlags & { readonly from?: string; readonly until?: string };

const addReplay = (jobs: Command, terminal: Terminal, done: Done): void => {
  withJobs(jobs.command('replay'))
    .description('run windows again that were run, and what reads them')
    .argument('<name...>', 'jobs')
    .option('--from <time>', 'no window that begins before')
    .option('--until <time>', 'no window that ends after')
    .action(async (names: readonly string[], flags: ReplayFlags) => {
      const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = resolveTimes(flags, terminal.now());
      await look(flags, terminal, async (scheduler) => {
        const { ledger } = scheduler;
        withInputs(ledger.jobs, names);
        for (const job of ledger.jobs) if (names.includes(job.name)) ledger.want(job, from, until);
        await drain(scheduler, terminal, done, flags.quiet);
      });
    });
};

/** Adds arguments, options and action to the command. */
export const addTo = (jobs: Command, terminal: Terminal, done: Done): void => {
  addCheck(jobs, terminal);
  addRun(jobs, terminal, done);
  addList(jobs, terminal);
  addExplain(jobs, terminal);
  addGaps(jobs, terminal);
  addReplay(jobs, terminal, done);
};
