/** `sonde db create`, `migrate` and `copy`: the same tables in a ClickHouse. */
import type { Command } from 'commander';
import { copyJobTables, copyStore, createTables, migrateTables, Store } from '../store/index.ts';
import { tables } from '../tickets/index.ts';
import { type CommonOptions, say, withFormat, withStore } from './command-line.ts';
import { openClickhouseOf, openStoreOf } from './open-store.ts';
import { count, type RowFormat, text, writeRows } from './rows-output.ts';
import { silentStreams } from './silent-streams.ts';
import type { Terminal } from './terminal.ts';

/** Adds the subcommands. */
export const addClickhouse = (db: Command, terminal: Terminal): void => {
  withStore(db.command('create'))
    .description('make the tables in the ClickHouse that --db names')
    .action(async (options: CommonOptions) => {
      const { cluster } = await openClickhouseOf(options, terminal.env);
      await createTables(cluster, tables);
      const servers = cluster.shards.flat().length;
      say(terminal, options, `${tables.length} tables on ${servers} of ClickHouse ${cluster.version}`);
    });

  withStore(db.command('migrate'))
    .description('add the columns and tables that a newer Sonde has to a ClickHouse')
    .action(async (options: CommonOptions) => {
      const { cluster } = await openClickhouseOf(options, terminal.env);
      const added = await migrateTables(cluster, tables);
      say(terminal, options, added.length === 0 ? 'nothing was missing' : `added ${added.join(', ')}`);
    });

  withFormat(withStore(db.command('copy')))
    .description('copy the imports of --db into another store, and compare both')
    .requiredOption('--to <store>', 'folder, or clickhouse://host:port/database')
    .action(async (options: CommonOptions & { readonly to: string; readonly format: RowFormat }) => {
      const from = await openStoreOf(options, terminal.env);
      const to = await openStoreOf({ db: options.to }, terminal.env);
      const silent = new Set(await silentStreams(from, terminal.now()));
      const { copied, known, running, checksums } = await copyStore(from, to, (id) => !silent.has(id));
      say(terminal, options, `${copied} imports copied, ${known} were there, ${running} still run`);
      if (from instanceof Store && to instanceof Store) {
        const jobs = await copyJobTables(from, to);
        if (jobs.copied.length > 0) say(terminal, options, `copied the tables of jobs ${jobs.copied.join(', ')}`);
        if (jobs.known.length > 0) say(terminal, options, `left those that were there: ${jobs.known.join(', ')}`);
      }
      const columns = [text('table'), count('rows'), text('sum')];
      const rows = checksums.map((one) => ({ ...one }));
      await writeRows(columns, [rows], options.format, terminal.out, terminal.width);
    });
};
