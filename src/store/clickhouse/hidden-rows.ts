/** Rows that no query sees: of attempts at imports that run, or broke off, or came second. */
import type { Table } from '../../tickets/column.ts';
import { tables } from '../../tickets/index.ts';
import { allServers, type Cluster, rowsFrom } from './cluster.ts';
import { readTable, rowsTable, shownAttemptsSql } from './ddl.ts';

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
