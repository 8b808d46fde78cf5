/** Do the rows of a store make sense together: is each there once, and does it belong to an import that is there? */
import { tables } from '../../tickets/index.ts';
import type { Row } from '../engine/rows.ts';
import type { Snapshot } from '../snapshot.ts';

/** Problems of one kind that are named. */
const MAX_NAMED = 100;

/** Ids of flows may collide; two rows that agree in all of this are one row twice. */
const doubledSql = `
SELECT source, flow_id, count(*) AS n
FROM flows
WHERE flow_id <> ''
GROUP BY source, flow_id, vantage, reported_at, started_at, ended_at, client, client_ip, client_port, server_ip,
  server_port, protocol, tunnel
HAVING count(*) > 1
ORDER BY source, flow_id
LIMIT ${MAX_NAMED}`;

/** Rows of each source over all tables but that of imports. */
const perSource = tables
  .filter(({ name }) => name !== 'imports')
  .map(({ name }) => `SELECT source, count(*) AS n FROM ${name} GROUP BY source`)
  .join(' UNION ALL ');

const strayedSql = `
SELECT source, sum(n) AS n
FROM (${perSource}) AS counted
WHERE source NOT IN (SELECT id FROM imports)
GROUP BY source
ORDER BY source
LIMIT ${MAX_NAMED}`;

const twiceSql = `SELECT id, count(*) AS n FROM imports GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT ${MAX_NAMED}`;

const emptiedSql = `
SELECT id, name, row_count AS n
FROM imports
WHERE row_count > 0 AND id NOT IN (SELECT source FROM (${perSource}) AS counted)
ORDER BY id
LIMIT ${MAX_NAMED}`;

/** Rows that are there twice. */
export const verifyDoubles = async (snapshot: Snapshot): Promise<readonly string[]> => {
  const ask = async (sql: string): Promise<readonly Row[]> => (await snapshot.query(sql)).rows();
  const flows = (await ask(doubledSql)).map(
    ({ source, flow_id, n }) => `the flow ${flow_id} of import ${source} is there ${n} times`,
  );
  const imports = (await ask(twiceSql)).map(({ id, n }) => `the import ${id} is listed ${n} times`);
  return [...flows, ...imports];
};

/** Rows without their import, and imports without any of their rows. */
export const verifySources = async (snapshot: Snapshot): Promise<readonly string[]> => {
  const ask = async (sql: string): Promise<readonly Row[]> => (await snapshot.query(sql)).rows();
  const strayed = (await ask(strayedSql)).map(
    ({ source, n }) => `${n} rows are of an import ${source} that is not listed`,
  );
  const emptied = (await ask(emptiedSql)).map(
    ({ id, name, n }) => `the import ${id} (${name}) had ${n} rows, and none of them is there`,
  );
  return [...strayed, ...emptied];
};
