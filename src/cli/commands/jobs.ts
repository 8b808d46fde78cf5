/** `sonde jobs`: queries that roll over the store, window by window. */
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { checkJobs, loadJobs, type Strategy, strategies } from '../../jobs/index.ts';
import { SECOND } from '../../kit/time.ts';
import { openWorkbench } from '../../store/index.ts';
import { type CommonOptions, openStoreOf, whole, withFormat, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { parseInstant } from '../parse-instant.ts';
import { type OutputColumn, type RowFormat, writeRows } from '../rows-output.ts';
import { runJobs } from '../run-jobs.ts';
import { onStopSignal } from '../stop-signal.ts';
import type { Terminal } from '../terminal.ts';

const text = (name: string): OutputColumn => ({ name, kind: 'text' });
const count = (name: string): OutputColumn => ({ name, kind: 'count' });

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
          reads: [...new Set(inputs.map(({ table }) => table))].join(' '),
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

type RunFlags = CommonOptions & {
  readonly jobs?: readonly string[];
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
      const now = terminal.now();
      const range = {
        from: flags.from === undefined ? undefined : parseInstant(flags.from, now),
        until: flags.until === undefined ? undefined : parseInstant(flags.until, now),
      };
      const { strategy, parallel, quiet, follow } = flags;
      const controller = new AbortController();
      const forget = onStopSignal(() => controller.abort());
      try {
        const options = { ...range, strategy, parallel, quiet, follow, now: () => terminal.now().getTime() };
        const selection = { names, paths: flags.jobs ?? [] };
        await runJobs(await openStoreOf(flags), selection, options, terminal, done, controller.signal);
      } finally {
        forget();
      }
    });
};

/** Adds arguments, options and action to the command. */
export const addTo = (jobs: Command, terminal: Terminal, done: Done): void => {
  addCheck(jobs, terminal);
  addRun(jobs, terminal, done);
};
