/** `sonde db create`, `migrate` and `copy`: the same tables in a ClickHouse. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { SondeError } from '../kit/errors.ts';
import {
  type ClickhouseStore,
  copyStore,
  createTables,
  isAddress,
  migrateTables,
  openClickhouse,
  openStore,
  type TicketStore,
} from '../store/index.ts';
import { tables } from '../tickets/index.ts';
import { type CommonOptions, say, withFormat, withStore } from './command-line.ts';
import { count, type RowFormat, text, writeRows } from './rows-output.ts';
import { silentStreams } from './silent-streams.ts';
import type { Terminal } from './terminal.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A password stands in the environment, or in a file that it names. */
const passwordOf = ({ SONDE_CLICKHOUSE_PASSWORD: password, SONDE_CLICKHOUSE_PASSWORD_FILE: file }: Environment) => {
  if (password !== undefined || file === undefined) return password ?? '';
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (cause) {
    throw new SondeError('SONDE_USAGE', 'the password cannot be read', { file }, 'check the file', cause);
  }
};

/** Where blocks wait until a server has them: a folder a database. */
const spoolOf = (db: string, { SONDE_SPOOL, XDG_STATE_HOME }: Environment): string => {
  const folder = SONDE_SPOOL ?? join(XDG_STATE_HOME ?? join(homedir(), '.local/state'), 'sonde/spool');
  return join(folder, createHash('sha256').update(db).digest('hex').slice(0, 16));
};

const openClickhouseOf = (db: string, env: Environment): Promise<ClickhouseStore> =>
  openClickhouse(db, {
    credentials: { user: env.SONDE_CLICKHOUSE_USER ?? 'default', password: passwordOf(env) },
    spool: spoolOf(db, env),
  });

const openAnyStore = (db: string, env: Environment): Promise<TicketStore> =>
  isAddress(db) ? openClickhouseOf(db, env) : openStore(db);

/** Adds the subcommands. */
export const addClickhouse = (db: Command, terminal: Terminal): void => {
  withStore(db.command('create'))
    .description('make the tables in the ClickHouse that --db names')
    .action(async (options: CommonOptions) => {
      const { cluster } = await openClickhouseOf(options.db, terminal.env);
      await createTables(cluster, tables);
      const servers = cluster.shards.flat().length;
      say(terminal, options, `${tables.length} tables on ${servers} of ClickHouse ${cluster.version}`);
    });

  withStore(db.command('migrate'))
    .description('add the columns and tables that a newer Sonde has to a ClickHouse')
    .action(async (options: CommonOptions) => {
      const { cluster } = await openClickhouseOf(options.db, terminal.env);
      const added = await migrateTables(cluster, tables);
      say(terminal, options, added.length === 0 ? 'nothing was missing' : `added ${added.join(', ')}`);
    });

  withFormat(withStore(db.command('copy')))
    .description('copy the imports of --db into another store, and compare both')
    .requiredOption('--to <store>', 'folder, or clickhouse://host:port/database')
    .action(async (options: CommonOptions & { readonly to: string; readonly format: RowFormat }) => {
      const from = await openAnyStore(options.db, terminal.env);
      const to = await openAnyStore(options.to, terminal.env);
      const silent = new Set(await silentStreams(from, terminal.now()));
      const { copied, known, running, checksums } = await copyStore(from, to, (id) => !silent.has(id));
      say(terminal, options, `${copied} imports copied, ${known} were there, ${running} still run`);
      const columns = [text('table'), count('rows'), text('sum')];
      const rows = checksums.map((one) => ({ ...one }));
      await writeRows(columns, [rows], options.format, terminal.out, terminal.width);
    });
};
