/** `sonde query`: one SELECT over the tables. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { readParameters } from '../../store/index.ts';
import { type CommonOptions, whole, withSnapshot, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { type RowFormat, rowFormats, writeRows } from '../rows-output.ts';
import { sendParquet } from '../send-parquet.ts';
import { untilStopped } from '../stop-signal.ts';
import type { Terminal } from '../terminal.ts';
import { useSnapshot } from '../use-snapshot.ts';

type Values = ReadonlyMap<string, string>;

type Options = CommonOptions & {
  readonly format: RowFormat | 'parquet';
  readonly maxRows: number;
  readonly timeout: number;
  readonly memory?: number;
  readonly param?: Values;
  readonly snapshot?: number;
};

const readPair = (pair: string, known: Values = new Map()): Values => {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(pair) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It takes NAME=VALUE.');
  if (known.has(name)) throw new InvalidArgumentError(`${name} has a value already.`);
  return new Map([...known, [name, value!]]);
};

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withSnapshot(withStore(command))
    .argument('<sql>', 'the query; `sonde query "DESCRIBE flows"` lists columns')
    .addOption(new Option('--format <format>', 'output format').choices([...rowFormats, 'parquet']).default('table'))
    .option('-p, --param <name=value>', 'value of a placeholder {name:Type} of the query', readPair)
    .option('--max-rows <n>', 'rows at most', whole(1), 1_000_000)
    .option('--timeout <seconds>', 'time at most', whole(1), 300)
    .option('--memory <mb>', 'memory at most, in MiB (default: 1024)', whole(1))
    .action(async (sql: string, options: Options) => {
      const { format, memory, timeout, maxRows } = options;
      const parameters = readParameters(sql, options.param ?? new Map());
      const ask = (signal: AbortSignal): Promise<void> =>
        useSnapshot(options, terminal, done, async (snapshot) => {
          const limits = { signal, timeMs: timeout * 1000, ...(memory === undefined ? {} : { memoryMb: memory }) };
          if (format === 'parquet') return sendParquet(snapshot, sql, parameters, limits);
          const result = await snapshot.userQuery(sql, parameters, { ...limits, rows: maxRows });
          await writeRows(result.columns, result, format, terminal.out, terminal.width);
        });
      await untilStopped(ask);
    });
};
