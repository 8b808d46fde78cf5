/** The store that `--db` names: a folder, or a ClickHouse with what the environment tells of it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import { type ClickhouseStore, isAddress, openClickhouse, openStore, Store, type TicketStore } from '../store/index.ts';
import type { CommonOptions } from './command-line.ts';
import type { Terminal } from './terminal.ts';

type Environment = Terminal['env'];
type Named = Pick<CommonOptions, 'db'>;

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

export const openClickhouseOf = ({ db }: Named, env: Environment): Promise<ClickhouseStore> =>
  openClickhouse(db, {
    credentials: { user: env.SONDE_CLICKHOUSE_USER ?? 'default', password: passwordOf(env) },
    spool: spoolOf(db, env),
  });

/** @throws SONDE_USAGE, SONDE_STORE_UNREADABLE */
export const openStoreOf = async (named: Named, env: Environment): Promise<TicketStore> => {
  const { db } = named;
  if (isAddress(db)) return openClickhouseOf(named, env);
  if (/^\w+:\/\//.test(db))
    throw new SondeError('SONDE_USAGE', 'not a store', { db }, 'give a folder, or clickhouse://host:port/database');
  return openStore(db);
};

const needsFolder = (db: string): SondeError =>
  new SondeError(
    'SONDE_USAGE',
    'this works on a folder alone, and the store is in a ClickHouse',
    { db },
    'do it in a folder, and bring its imports there with sonde db copy',
  );

/** For what only a folder can do: to be called before anything else is done. @throws SONDE_USAGE */
export const requireFolder = ({ db }: Named): void => {
  if (isAddress(db)) throw needsFolder(db);
};

/** The same store, if it is a folder. @throws SONDE_USAGE */
export const folderOf = (store: TicketStore): Store => {
  if (store instanceof Store) return store;
  throw needsFolder(store.path);
};

/** The store, which must be a folder. @throws SONDE_USAGE, SONDE_STORE_UNREADABLE */
export const openFolderOf = async (named: Named, env: Environment): Promise<Store> => {
  requireFolder(named);
  return folderOf(await openStoreOf(named, env));
};
