/** `sonde query`: one SELECT over the tables. */
import { type Command, InvalidArgumentError } from 'commander';
import { type CommonOptions, openStoreOf, withFormat, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { ExitCode } from '../exit-code.ts';
import { reportProblems } from '../report-problems.ts';
import { type RowFormat, writeRows } from '../rows-output.ts';
import type { Terminal } from '../terminal.ts';

type Options = CommonOptions & { readonly format: RowFormat; readonly maxRows: number; readonly timeout: number };

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It takes a whole number above 0.');
  return value;
};

/** Adds the command. */
export const queryCommand = (program: Command, terminal: Terminal, done: Done): void => {
  withFormat(withStore(program.command('query')))
    .description('run one SELECT over the tables flows, dns, http, counters, imports')
    .argument('<sql>', 'the query; `sonde query "DESCRIBE flows"` lists columns')
    .option('--max-rows <n>', 'rows at most', whole, 1_000_000)
    .option('--timeout <seconds>', 'time at most', whole, 300)
    .action(async (sql: string, options: Options) => {
      const store = await openStoreOf(options);
      const snapshot = await store.snapshot();
      try {
        const result = await snapshot.userQuery(sql, { rows: options.maxRows, timeMs: options.timeout * 1000 });
        await writeRows(result.columns, result, options.format, terminal.out, terminal.width);
        if (reportProblems(terminal, snapshot)) done(ExitCode.PARTIAL);
      } finally {
        await snapshot.close();
        await store.close();
      }
    });
};
