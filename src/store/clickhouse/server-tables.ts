/** What servers hold of each table, and what room they have. */
import type { Table } from '../../tickets/column.ts';
import { imports, tables } from '../../tickets/index.ts';
import { allServers, type Cluster, rowsFrom } from './cluster.ts';
import { happenedAt, rowsTable } from './ddl.ts';
import { quote } from './server.ts';

/** A table, over all shards, each counted once. */
export interface ServerTable {
  readonly table: string;
  /** Those that queries see. */
  readonly rows: number;
  /** Those that no query sees, of imports that run or broke off. */
  readonly hiddenRows: number;
  readonly parts: number;
  /** On the disk, what is hidden included. */
  readonly bytes: number;
  /** What happened first and last, UTC microseconds; undefined if nobody knows. */
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
}

/** The sizes as they are stored. */
export interface StoredTable {
  readonly table: Table;
  readonly parts: number;
  readonly rows: number;
  readonly bytes: number;
}

/** @throws ServerError */
export const storedTables = async ({ database, shards }: Cluster): Promise<readonly StoredTable[]> => {
  const parts = `SELECT table, count() AS parts, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts
    WHERE active AND database = ${quote(database)} GROUP BY table`;
  const answers = await Promise.all(shards.map((replicas) => rowsFrom(replicas, parts)));
  return tables.map((table) => {
    // Every server has all of the imports.
    const shard = table === imports ? answers.slice(0, 1) : answers;
    const own = shard.flatMap((rows) => rows.filter((row) => row.table === rowsTable(table)));
    const sum = (name: string): number => own.reduce((total, row) => total + Number(row[name]), 0);
    return { table, parts: sum('parts'), rows: sum('rows'), bytes: sum('bytes') };
  });
};

/** Counts the rows that show, and looks when the first and the last of them happened. @throws ServerError */
export const serverTables = async (cluster: Cluster): Promise<readonly ServerTable[]> => {
  const { database, generation } = cluster;
  const found: ServerTable[] = [];
  for (const { table, parts, rows, bytes } of await storedTables(cluster)) {
    const at = happenedAt(table);
    const us = (time: string): string => (generation === 'old' ? time : `toUnixTimestamp64Micro(${time})`);
    const sql = `SELECT count() AS n, count(${at}) AS times, ${us(`min(${at})`)} AS first_us, ${us(`max(${at})`)} AS last_us
      FROM ${database}.${table.name}`;
    const [row] = await rowsFrom(allServers(cluster), sql);
    const shown = Number(row!.n);
    const time = (value: unknown): number | undefined => (Number(row!.times) === 0 ? undefined : Number(value));
    const [firstAt, lastAt] = [time(row!.first_us), time(row!.last_us)];
    found.push({ table: table.name, rows: shown, hiddenRows: rows - shown, parts, bytes, firstAt, lastAt });
  }
  return found;
};

/** Bytes that are free on the disk that has least; undefined where servers do not tell. @throws ServerError */
export const freeBytes = async ({ generation, shards }: Cluster): Promise<number | undefined> => {
  if (generation === 'old') return undefined;
  const answers = await Promise.all(
    shards.flat().map((server) => rowsFrom([server], 'SELECT min(free_space) AS free FROM system.disks')),
  );
  return Math.min(...answers.map(([row]) => Number(row?.free)));
};
