/** Makes the tables of a store on all servers of a ClickHouse, and adds the columns that they lack. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SondeError } from '../../kit/errors.ts';
import type { Table } from '../../tickets/column.ts';
import { type Cluster, rowsFrom } from './cluster.ts';
import {
  clusterSql,
  columnsOf,
  createStatements,
  isEverywhere,
  type Place,
  readTable,
  rowsTable,
  viewSql,
} from './ddl.ts';
import { ask, type Endpoint, quote, unreachable } from './server.ts';

const REPLICATION_MS = 60_000;
const POLL_MS = 50;

interface Site {
  readonly server: Endpoint;
  readonly place: Place;
  /** Does what replicas share begin here? */
  readonly isFirst: { readonly inShard: boolean; readonly inCluster: boolean };
}

const sitesOf = ({ shards, name, database, generation }: Cluster): readonly Site[] =>
  shards.flatMap((replicas, shard) =>
    replicas.map((server, replica) => ({
      server,
      isFirst: { inShard: replica === 0, inCluster: replica === 0 && shard === 0 },
      place: {
        database,
        generation,
        ...(name === undefined ? {} : { cluster: { name, shard: shard + 1, replica: server.host } }),
      },
    })),
  );

/** A server alone must know blocks again that it has; old ones do so only with ZooKeeper. */
const checkAlone = ({ name, generation, version, database }: Cluster): void => {
  if (name === undefined && generation === 'old')
    throw new SondeError(
      'SONDE_STORE_UNREADABLE',
      `a server without a cluster needs ClickHouse 24 or newer, this one has ${version}`,
      { database },
      'use a newer server, or name a cluster: ?cluster=name',
    );
};

const run = async (server: Endpoint, sql: string): Promise<void> => {
  await ask(server, sql).catch((error: unknown) => {
    throw unreachable(error, `${server.host}:${server.port}`);
  });
};

/**
 * Makes what is not there yet. All servers must run.
 *
 * @throws SONDE_STORE_UNREADABLE
 */
export const createTables = async (cluster: Cluster, tables: readonly Table[]): Promise<void> => {
  checkAlone(cluster);
  for (const { server, place } of sitesOf(cluster))
    for (const sql of createStatements(tables, place)) await run(server, sql);
};

/** The names of the columns of each table on a server. */
const columnsOn = async (server: Endpoint, database: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const columns = new Map<string, Set<string>>();
  const sql = `SELECT table, name FROM system.columns WHERE database = ${quote(database)}`;
  for (const { table, name } of await rowsFrom([server], sql))
    columns.set(String(table), (columns.get(String(table)) ?? new Set()).add(String(name)));
  return columns;
};

const addColumns = async ({ server, place, isFirst }: Site, tables: readonly Table[]): Promise<readonly string[]> => {
  const known = await columnsOn(server, place.database);
  const added: string[] = [];
  for (const table of tables) {
    // Replicas share their columns.
    if (isEverywhere(table) ? !isFirst.inCluster : !isFirst.inShard) continue;
    const rows = rowsTable(table);
    for (const [name, type] of columnsOf(table, place.generation)) {
      if (known.get(rows)?.has(name) !== false) continue;
      await run(server, `ALTER TABLE ${place.database}.${rows} ADD COLUMN ${name} ${type}`);
      added.push(`${table.name}.${name}`);
    }
  }
  return added;
};

/** Waits until a server has heard of the columns that its replicas were given. */
const awaitColumns = async ({ server, place }: Site, tables: readonly Table[]): Promise<void> => {
  const until = Date.now() + REPLICATION_MS;
  for (;;) {
    const known = await columnsOn(server, place.database);
    const lacking = tables.find((table) => {
      const present = known.get(rowsTable(table));
      return columnsOf(table, place.generation).some(([name]) => present?.has(name) === false);
    });
    if (lacking === undefined) return;
    if (Date.now() > until) throw unreachable(new Error(`${rowsTable(lacking)} gets no new columns`), server.host);
    await sleep(POLL_MS);
  }
};

/** Makes what reads the rows anew where it lacks a column, and all views if some hidden one came; rows are not touched. */
const renewReaders = async ({ server, place }: Site, tables: readonly Table[], isAdded: boolean): Promise<void> => {
  const known = await columnsOn(server, place.database);
  const { database } = place;
  const lacks = (name: string, columns: readonly string[]): boolean => {
    const present = known.get(name);
    return present !== undefined && columns.some((column) => !present.has(column));
  };
  for (const table of tables) {
    const own = Object.keys(table.columns);
    const spread = clusterSql(table, place);
    if (spread !== undefined && lacks(readTable(table, place), own)) {
      await run(server, `DROP TABLE ${database}.${readTable(table, place)}`);
      await run(server, spread);
    }
    if (!lacks(table.name, own) && !(isAdded && known.has(table.name))) continue;
    await run(server, `DROP TABLE ${database}.${table.name}`);
    await run(server, viewSql(table, place));
  }
};

/**
 * Makes the tables that are not there, and adds the columns that others lack; rows from before have NULL, '' or [] in
 * them. Tells which columns were added. All servers must run.
 *
 * @throws SONDE_STORE_UNREADABLE
 */
export const migrateTables = async (cluster: Cluster, tables: readonly Table[]): Promise<readonly string[]> => {
  const sites = sitesOf(cluster);
  const added = new Set<string>();
  for (const site of sites) for (const name of await addColumns(site, tables)) added.add(name);
  for (const site of sites) await awaitColumns(site, tables);
  for (const site of sites) await renewReaders(site, tables, added.size > 0);
  await createTables(cluster, tables);
  return [...added];
};
