/** `sonde query`: one SELECT over the tables. */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { SondeError } from '../../kit/errors.ts';
import type { Snapshot } from '../../store/index.ts';
import { type CommonOptions, whole, withSnapshot, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { type RowFormat, rowFormats, writeRows } from '../rows-output.ts';
import type { Terminal } from '../terminal.ts';
import { useSnapshot } from '../use-snapshot.ts';

type Options = CommonOptions & {
  readonly format: RowFormat | 'parquet';
  readonly maxRows: number;
  readonly timeout: number;
  readonly snapshot?: number;
};

/** A Parquet file is written whole before its first byte can go out: its index is at the end. */
const sendParquet = async (sql: string, timeMs: number, snapshot: Snapshot): Promise<void> => {
  if (process.stdout.isTTY) {
    throw new SondeError('SONDE_USAGE', 'a terminal cannot show Parquet', {}, 'send it to a file: ... > flows.parquet');
  }
  const folder = await mkdtemp(join(tmpdir(), 'sonde-'));
  try {
    const path = join(folder, 'rows.parquet');
    await snapshot.userParquet(sql, path, { timeMs });
    await pipeline(createReadStream(path), process.stdout, { end: false });
  } finally {
    await rm(folder, { recursive: true });
  }
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
        if (options.format === 'parquet') await sendParquet(sql, timeMs, snapshot);
        else {
          const result = await snapshot.userQuery(sql, { rows: options.maxRows, timeMs });
          await writeRows(result.columns, result, options.format, terminal.out, terminal.width);
        }
      });
    });
};
