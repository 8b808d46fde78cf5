/** Rows that no query sees: of attempts at imports that run, or broke off, or came second. */
import type { Table } from '../../tickets/column.ts';
import { tables } from '../../tickets/index.ts';
import { allServers, type Cluster, rowsFrom } from './cluster.ts';
import { isEverywhere, readTable, rowsTable, shownAttemptsSql } from './ddl.ts';
import { ask, quote } from './server.ts';
import { attemptBegan } from './spool.ts';

/** The rows of one attempt in one table. */
export interface HiddenRows {
  readonly table: string;
  readonly attempt: string;
  readonly rows: number;
}

const hiddenIn = async (cluster: Cluster, table: Table): Promise<readonly HiddenRows[]> => {
  const { database } = cluster;
  const from = readTable(table, { cluster: cluster.name });
  const isNotIn = from === rowsTable(table) ? 'NOT IN' : 'GLOBAL NOT IN';
  const sql = `SELECT write_attempt AS attempt, count() AS n FROM ${database}.${from}
    WHERE write_attempt ${isNotIn} (${shownAttemptsSql(database)}) GROUP BY write_attempt ORDER BY write_attempt`;
  const rows = await rowsFrom(allServers(cluster), sql);
  return rows.map(({ attempt, n }) => ({ table: table.name, attempt: String(attempt), rows: Number(n) }));
};

/** Reads one narrow column of each table. @throws ServerError */
export const findHidden = async (cluster: Cluster): Promise<readonly HiddenRows[]> => {
  const found: HiddenRows[] = [];
  for (const table of tables) found.push(...(await hiddenIn(cluster, table)));
  return found;
};

/** The attempts of which some server shows rows; one that lags behind others does not know them all. */
const shownAttempts = async (cluster: Cluster): Promise<ReadonlySet<string>> => {
  const sql = shownAttemptsSql(cluster.database);
  const answers = await Promise.all(allServers(cluster).map((server) => rowsFrom([server], sql)));
  return new Set(answers.flat().map(({ attempt }) => String(attempt)));
};

/**
 * Has servers delete the hidden rows of attempts that began long ago. All servers must run; one replica of each shard has
 * done it then, and the others do it by and by, as old servers do. An import that is older than that, and runs still, fails at its end.
 *
 * @param until of when they began, milliseconds since 1970
 * @throws ServerError
 */
export const vacuumHidden = async (cluster: Cluster, until: number): Promise<readonly HiddenRows[]> => {
  const hidden = await findHidden(cluster);
  const shown = await shownAttempts(cluster);
  const gone = hidden.filter(({ attempt }) => !shown.has(attempt) && attemptBegan(attempt) < until);
  const settings = cluster.generation === 'old' ? {} : { mutations_sync: 1 };
  for (const table of tables) {
    const attempts = gone.filter((one) => one.table === table.name).map(({ attempt }) => quote(attempt));
    if (attempts.length === 0) continue;
    const sql = `ALTER TABLE ${cluster.database}.${rowsTable(table)} DELETE WHERE write_attempt IN (${attempts.join(', ')})`;
    // Replicas of a shard pass it on to each other.
    for (const [server] of isEverywhere(table) ? cluster.shards.slice(0, 1) : cluster.shards)
      await ask(server!, sql, { settings, timeoutMs: 0 });
  }
  return gone;
};
