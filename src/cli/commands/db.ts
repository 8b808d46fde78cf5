/** `sonde db`: the store itself. */
import type { Command } from 'commander';
import { ClickhouseStore } from '../../store/index.ts';
import { writeClickhouseStatus } from '../clickhouse-status.ts';
import { type CommonOptions, withFormat, withStore } from '../command-line.ts';
import { addClickhouse } from '../db-clickhouse.ts';
import { writeHistory } from '../db-history.ts';
import { writeStatus } from '../db-status.ts';
import { addUpkeep } from '../db-upkeep.ts';
import type { Done } from '../done.ts';
import { ExitCode } from '../exit-code.ts';
import { folderOf, openFolderOf, openStoreOf } from '../open-store.ts';
import type { RowFormat } from '../rows-output.ts';
import type { Terminal } from '../terminal.ts';
import { whileOpen } from '../use-snapshot.ts';

type Options = CommonOptions & { readonly format: RowFormat };

/** Adds a subcommand for each thing to ask of it or do to it. */
export const addTo = (db: Command, terminal: Terminal, done: Done): void => {
  withFormat(withStore(db.command('status')))
    .description('its tables, their size and time range, what is left over or wrong, and the room on the disk')
    .action(async (options: Options) => {
      const store = await openStoreOf(options, terminal.env);
      if (store instanceof ClickhouseStore) await writeClickhouseStatus(store, options.format, terminal);
      else if (await writeStatus(folderOf(store), options.format, terminal)) done(ExitCode.PARTIAL);
    });

  withFormat(withStore(db.command('history')))
    .description('its snapshots: when each was made, by what, and what came and went')
    .action(async (options: Options) => {
      const store = await openFolderOf(options, terminal.env);
      await whileOpen(await store.snapshot(), terminal, done, (snapshot) =>
        writeHistory(store, snapshot, options.format, terminal),
      );
    });
  addUpkeep(db, terminal, done);
  addClickhouse(db, terminal);
};
