/** `sonde jobs`: queries that roll over the store, window by window. */
import type { Command } from 'commander';
import { checkJobs, loadJobs } from '../../jobs/index.ts';
import { SECOND } from '../../kit/time.ts';
import { openWorkbench } from '../../store/index.ts';
import { withFormat } from '../command-line.ts';
import { type OutputColumn, type RowFormat, writeRows } from '../rows-output.ts';
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

/** Adds arguments, options and action to the command. */
export const addTo = (jobs: Command, terminal: Terminal): void => {
  addCheck(jobs, terminal);
};
