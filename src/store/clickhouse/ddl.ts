/** The tables of the store in a ClickHouse: what each server is told to make. */
import type { Table } from '../../tickets/column.ts';
import { imports } from '../../tickets/index.ts';
import { columnType, type Generation, hiddenColumns } from './column-types.ts';
import { quote } from './server.ts';
import { shardColumn } from './shard-of.ts';

/** A server's place. */
export interface Place {
  readonly database: string;
  readonly generation: Generation;
  /** Undefined where there is one server only. */
  readonly cluster?: {
    readonly name: string;
    /** From 1 on. */
    readonly shard: number;
    /** Tells the replicas of a shard apart. */
    readonly replica: string;
  };
}

/** The table that holds a server's rows; queries go to the view that has the table's own name. */
export const rowsTable = ({ name }: Table): string => `${name}_rows`;

/** The table of imports is whole on every server, so that each can tell which rows show. */
export const isEverywhere = ({ name }: Table): boolean => name === imports.name;

/** Where a table is read: over all shards, or here. */
export const readTable = (table: Table, { cluster }: { readonly cluster?: unknown }): string =>
  cluster === undefined || isEverywhere(table) ? rowsTable(table) : `${table.name}_cluster`;

/** Blocks of which a server knows that it has them: more than can be open, also if each has rows of many days. */
const KNOWN_BLOCKS = 10_000;

const DAY_US = 86_400e6;

/** When a row happened: the first time after `reported_at`. */
export const happenedAt = ({ columns }: Table): string => {
  const times = Object.entries(columns).filter(([, { kind }]) => kind === 'time');
  return (times[1] ?? times[0])![0];
};

/** Old servers want keys that cannot be NULL. */
const keysOf = (table: Table, generation: Generation): { readonly partition: string; readonly order: string } => {
  const key = (name: string): string => (generation === 'old' ? `ifNull(${name}, 0)` : name);
  const service = 'service' in table.columns ? ['service'] : [];
  return {
    partition: generation === 'old' ? `intDiv(${key('reported_at')}, ${DAY_US})` : 'toYYYYMMDD(reported_at)',
    order: [...service, key(happenedAt(table))].join(', '),
  };
};

/** Where the replicas of a table meet in ZooKeeper: those of a shard, of the table of imports all servers. */
const meetingPoint = (table: string, isWhole: boolean, { database, cluster }: Place): string =>
  `/clickhouse/sonde/${database}/${isWhole ? 'all' : cluster!.shard}/${table}`;

const engineOf = (table: string, isWhole: boolean, place: Place): string =>
  place.cluster === undefined
    ? 'MergeTree'
    : `ReplicatedMergeTree(${quote(meetingPoint(table, isWhole, place))}, ${quote(place.cluster.replica)})`;

const settingsOf = ({ generation, cluster }: Place): string =>
  [
    `${cluster === undefined ? 'non_replicated' : 'replicated'}_deduplication_window = ${KNOWN_BLOCKS}`,
    ...(generation === 'old' ? [] : ['allow_nullable_key = 1']),
  ].join(', ');

/** The columns of a table with their types, the hidden ones last. */
export const columnsOf = (table: Table, generation: Generation): readonly (readonly [name: string, type: string])[] => [
  ...Object.entries(table.columns).map(([name, { kind }]) => [name, columnType(name, kind, generation)] as const),
  ...Object.entries(hiddenColumns(table, generation)),
];

const rowsSql = (table: Table, place: Place): string => {
  const { partition, order } = keysOf(table, place.generation);
  const name = rowsTable(table);
  const columns = columnsOf(table, place.generation).map(([column, type]) => `  ${column} ${type}`);
  return `CREATE TABLE IF NOT EXISTS ${place.database}.${name} (
${columns.join(',\n')}
) ENGINE = ${engineOf(name, isEverywhere(table), place)}
PARTITION BY ${partition}
ORDER BY (${order})
SETTINGS ${settingsOf(place)}`;
};

/** The table that reads and spreads the rows of all shards. */
export const clusterSql = (table: Table, { database, cluster }: Place): string | undefined => {
  if (cluster === undefined || isEverywhere(table)) return undefined;
  const rows = rowsTable(table);
  const engine = `Distributed(${cluster.name}, ${database}, ${rows}, halfMD5(${shardColumn(table)}))`;
  return `CREATE TABLE IF NOT EXISTS ${database}.${readTable(table, { cluster })} AS ${database}.${rows} ENGINE = ${engine}`;
};

/**
 * The attempts of which rows show: an attempt at an import, or at a commit of a stream, writes its row of `imports` last, so rows of others are of an
 * import that runs or broke off. Of two complete attempts at the same import, which have the same rows, the first one
 * shows.
 */
export const shownAttemptsSql = (database: string): string =>
  `SELECT min(write_attempt) AS attempt FROM ${database}.${rowsTable(imports)} GROUP BY id, write_commit`;

/** Of the rows that the commits of a stream have in the table of imports, the last one shows. */
const isLastSql = (database: string): string =>
  ` AND (id, write_commit) IN (SELECT id, max(write_commit) FROM ${database}.${rowsTable(imports)} GROUP BY id)`;

/** The view that queries read: the table's own columns, of complete imports. */
export const viewSql = (table: Table, place: Place): string => {
  const { database } = place;
  // Decided on the server that is asked, for all shards alike.
  const isIn = readTable(table, place) === rowsTable(table) ? 'IN' : 'GLOBAL IN';
  return `CREATE VIEW IF NOT EXISTS ${database}.${table.name} AS
SELECT ${Object.keys(table.columns).join(', ')}
FROM ${database}.${readTable(table, place)}
WHERE write_attempt ${isIn} (${shownAttemptsSql(database)})${isEverywhere(table) ? isLastSql(database) : ''}`;
};

/** The table that binds the database to the key of its pseudonyms. */
const keySql = (place: Place): string =>
  `CREATE TABLE IF NOT EXISTS ${place.database}.store_key (format UInt32, key_fingerprint String, bound_at DateTime)
ENGINE = ${engineOf('store_key', true, place)} ORDER BY bound_at`;

/** Everything that a server needs; what is there stays as it is. */
export const createStatements = (tables: readonly Table[], place: Place): readonly string[] => [
  `CREATE DATABASE IF NOT EXISTS ${place.database}`,
  keySql(place),
  ...tables.map((table) => rowsSql(table, place)),
  ...tables.flatMap((table) => clusterSql(table, place) ?? []),
  ...tables.map((table) => viewSql(table, place)),
];
