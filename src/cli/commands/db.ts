/** `sonde db`: the store itself. */
import type { Command } from 'commander';
import { type CommonOptions, openStoreOf, withFormat, withStore } from '../command-line.ts';
import { addClickhouse } from '../db-clickhouse.ts';
import { writeHistory } from '../db-history.ts';
import { writeStatus } from '../db-status.ts';
import { addUpkeep } from '../db-upkeep.ts';
import type { Done } from '../done.ts';
import { ExitCode } from '../exit-code.ts';
import type { RowFormat } from '../rows-output.ts';
import type { Terminal } from '../terminal.ts';
import { useSnapshot } from '../use-snapshot.ts';

type Options = CommonOptions & { readonly format: RowFormat };

/** Adds a subcommand for each thing to ask of it or do to it. */
export const addTo = (db: Command, terminal: Terminal, done: Done): void => {
  withFormat(withStore(db.command('status')))
    .description('its tables, their size and time range, what is left over or wrong, and the room on the disk')
    .action(async (options: Options) => {
      if (await writeStatus(await openStoreOf(options), options.format, terminal)) done(ExitCode.PARTIAL);
    });

  withFormat(withStore(db.command('history')))
    .description('its snapshots: when each was made, by what, and what came and went')
    .action((options: Options) =>
      useSnapshot(options, terminal, done, (snapshot, store) =>
        writeHistory(store, snapshot, options.format, terminal),
      ),
    );
  addUpkeep(db, terminal);
  addClickhouse(db, terminal);
};
