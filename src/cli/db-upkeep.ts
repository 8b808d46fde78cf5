/** `sonde db compact`, `vacuum` and `retain`: what keeps a store small. */
import { type Command, InvalidArgumentError } from 'commander';
import { SondeError } from '../kit/errors.ts';
import { DAY } from '../kit/time.ts';
import { ClickhouseStore, damaged } from '../store/index.ts';
import { type CommonOptions, withFormat, withStore } from './command-line.ts';
import type { Done } from './done.ts';
import { ExitCode } from './exit-code.ts';
import { folderOf, openFolderOf, openStoreOf } from './open-store.ts';
import { count, type OutputColumn, type OutputRow, type RowFormat, text, writeRows } from './rows-output.ts';
import { positive } from './shape-options.ts';
import type { Terminal } from './terminal.ts';
import { warnOnce } from './warn-once.ts';

type Options = CommonOptions & { readonly format: RowFormat };

const table = text('table');
const counts = (...names: readonly string[]): readonly OutputColumn[] => names.map(count);

const seconds = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('It takes a number from 0 on.');
  return value;
};

/** Adds the subcommands. What they did goes to standard output, a row a table. */
export const addUpkeep = (db: Command, terminal: Terminal, done: Done): void => {
  const print = (columns: readonly OutputColumn[], rows: readonly OutputRow[], { format }: Options): Promise<void> =>
    writeRows(columns, [rows], format, terminal.out, terminal.width);

  withFormat(withStore(db.command('compact')))
    .description('merge small segments, while others read and write')
    .action(async (options: Options) => {
      const warn = warnOnce(terminal);
      const merged = await (await openFolderOf(options, terminal.env)).compact((problem) => {
        warn(damaged(problem));
        done(ExitCode.PARTIAL);
      });
      const rows = merged.map(({ bytesBefore, bytesAfter, ...one }) => ({
        ...one,
        bytes_before: bytesBefore,
        bytes_after: bytesAfter,
      }));
      await print([table, ...counts('segments', 'into', 'rows', 'bytes_before', 'bytes_after')], rows, options);
    });

  withFormat(withStore(db.command('vacuum')))
    .description('take away what no reader needs any more')
    .option('--grace <seconds>', 'their age; by default 3600 since they were replaced, a week if never named', seconds)
    .action(async (options: Options & { readonly grace?: number }) => {
      const store = await openStoreOf(options, terminal.env);
      const ms = options.grace === undefined ? undefined : options.grace * 1000;
      if (store instanceof ClickhouseStore) {
        const rows = await store.vacuum(ms);
        return print(
          [table, text('attempt'), ...counts('rows')],
          rows.map((one) => ({ ...one })),
          options,
        );
      }
      const gone = await folderOf(store).vacuum(ms === undefined ? undefined : { removedMs: ms, unnamedMs: ms });
      await print(counts('files', 'bytes'), [{ ...gone }], options);
    });

  withFormat(withStore(db.command('retain')))
    .description('take the oldest rows out of the tables')
    .option('--age <days>', 'what to keep, back from the newest row of the store', positive)
    .option('--size <gb>', 'what to keep of all tables, in gigabytes', positive)
    .action(async (options: Options & { readonly age?: number; readonly size?: number }) => {
      const { age, size } = options;
      if (age === undefined && size === undefined)
        throw new SondeError('SONDE_USAGE', 'nothing says how much to keep', {}, 'give --age, --size or both');
      const limits = {
        ...(age === undefined ? {} : { ageUs: age * DAY }),
        ...(size === undefined ? {} : { bytes: size * 1e9 }),
      };
      const retired = await (await openFolderOf(options, terminal.env)).retain(limits);
      await print(
        [table, ...counts('segments', 'rows', 'bytes')],
        retired.map((one) => ({ ...one })),
        options,
      );
    });
};
