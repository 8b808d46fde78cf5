/** Waits until the replicas that run have what others of their shard were given. */
import { setTimeout as sleep } from 'node:timers/promises';
import { allServers, type Cluster, rowsFrom } from './cluster.ts';
import { type Endpoint, quote } from './server.ts';

const POLL_MS = 20;
/** One that takes longer is as one that does not run: it fetches later what it lacks. */
const LONGEST_MS = 10_000;

/** Has a log any entry? The numbers of an empty one are those of one that has entry 0. */
const hasEntries = async (server: Endpoint, path: string): Promise<boolean> => {
  const [row] = await rowsFrom(
    [server],
    `SELECT count() AS n FROM system.zookeeper WHERE path = ${quote(`${path}/log`)}`,
  );
  return Number(row?.n) > 0;
};

/** Are there entries of a log that a server has not read, or blocks that it has not fetched? */
const lags = async (server: Endpoint, database: string, tables: readonly string[]): Promise<boolean> => {
  const sql = `SELECT zookeeper_path AS path, log_max_index AS newest, inserts_in_queue AS waiting FROM system.replicas
    WHERE database = ${quote(database)} AND table IN (${tables.map(quote).join(', ')})
      AND (inserts_in_queue > 0 OR log_pointer <= log_max_index)`;
  for (const { path, newest, waiting } of await rowsFrom([server], sql))
    if (Number(waiting) > 0 || Number(newest) > 0 || (await hasEntries(server, String(path)))) return true;
  return false;
};

/** Resolves when all have it, or some take too long. `tables` by the names that servers know. */
export const awaitReplicas = async (cluster: Cluster, tables: readonly string[]): Promise<void> => {
  if (cluster.name === undefined || tables.length === 0) return;
  const until = Date.now() + LONGEST_MS;
  await Promise.all(
    allServers(cluster).map(async (server) => {
      // One that does not answer is not waited for.
      const isBehind = () => lags(server, cluster.database, tables).catch(() => false);
      while (Date.now() < until && (await isBehind())) await sleep(POLL_MS);
    }),
  );
};
