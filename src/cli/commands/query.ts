/** `sonde query`: one SELECT over the tables. */
import { type Command, Option } from 'commander';
import { type CommonOptions, whole, withSnapshot, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { type RowFormat, rowFormats, writeRows } from '../rows-output.ts';
import { sendParquet } from '../send-parquet.ts';
import type { Terminal } from '../terminal.ts';
import { useSnapshot } from '../use-snapshot.ts';

type Options = CommonOptions & {
  readonly format: RowFormat | 'parquet';
  readonly maxRows: number;
  readonly timeout: number;
  readonly snapshot?: number;
};

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withSnapshot(withStore(command))
    .argument('<sql>', 'the query; `sonde query "DESCRIBE flows"` lists columns')
    .addOption(new Option('--format <format>', 'output format').choices([...rowFormats, 'parquet']).default('table'))
    .option('--max-rows <n>', 'rows at most', whole(1), 1_000_000)
    .option('--timeout <seconds>', 'time at most', whole(1), 300)
    .action(async (sql: string, options: Options) => {
      await useSnapshot(options, terminal, done, async (snapshot) => {
        const timeMs = options.timeout * 1000;
        if (options.format === 'parquet') await sendParquet(snapshot, sql, { timeMs });
        else {
          const result = await snapshot.userQuery(sql, { rows: options.maxRows, timeMs });
          await writeRows(result.columns, result, options.format, terminal.out, terminal.width);
        }
      });
    });
};
