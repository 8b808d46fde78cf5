/** The servers behind an address: their version, and which of them hold the same rows. */
import { SondeError } from '../../kit/errors.ts';
import type { Address } from './address.ts';
import type { Generation } from './column-types.ts';
import { ask, type Credentials, type Endpoint, quote, ServerError, type Settings, unreachable } from './server.ts';

export interface Cluster {
  readonly database: string;
  /** Its name in the servers' configuration; undefined for one server. */
  readonly name: string | undefined;
  /** As the first server says it. */
  readonly version: string;
  readonly generation: Generation;
  /** By shard, the servers of which each holds all rows of it. */
  readonly shards: readonly (readonly Endpoint[])[];
}

/** Since when the queries of the product run. */
const CURRENT = 24;

/** Asks one server after the other until one answers. @throws ServerError of the last one, or of one that refuses */
const askAny = async (servers: readonly Endpoint[], sql: string, settings: Settings = {}): Promise<string> => {
  let silence: unknown;
  for (const server of servers) {
    try {
      return await ask(server, sql, { settings });
    } catch (error) {
      if (!(error instanceof ServerError && error.isPassing)) throw error;
      silence = error;
    }
  }
  throw silence;
};

/** A small answer as rows; 64-bit numbers are texts or numbers, as the version has it. */
export const rowsFrom = async (
  servers: readonly Endpoint[],
  sql: string,
): Promise<readonly Readonly<Record<string, string | number>>[]> => {
  const answer = JSON.parse(await askAny(servers, `${sql} FORMAT JSON`)) as {
    readonly data: readonly Readonly<Record<string, string | number>>[];
  };
  return answer.data;
};

export const allServers = ({ shards }: Cluster): readonly Endpoint[] => shards.flat();

const findShards = async (
  name: string,
  first: readonly Endpoint[],
  { port, isSecure }: Address,
  credentials: Credentials,
): Promise<Cluster['shards']> => {
  const sql = `SELECT shard_num, host_name FROM system.clusters WHERE cluster = ${quote(name)} ORDER BY shard_num, replica_num`;
  const rows = await rowsFrom(first, sql);
  const shards = new Map<number, Endpoint[]>();
  for (const { shard_num: shard, host_name: host } of rows)
    shards.set(Number(shard), [
      ...(shards.get(Number(shard)) ?? []),
      { host: String(host), port, isSecure, credentials },
    ]);
  if (shards.size > 0) return [...shards.values()];
  throw new SondeError(
    'SONDE_STORE_UNREADABLE',
    'the server knows no cluster of that name',
    { cluster: name, host: first[0]!.host },
    'the clusters it knows are in its table system.clusters',
  );
};

/**
 * Asks the servers for their version and who they are.
 *
 * @throws SONDE_STORE_UNREADABLE if none answers, or there is no such cluster
 */
export const findCluster = async (address: Address, credentials: Credentials): Promise<Cluster> => {
  const { hosts, port, isSecure, cluster: name, database } = address;
  const first = hosts.map((host) => ({ host, port, isSecure, credentials }));
  try {
    const version = (await askAny(first, 'SELECT version()')).trim();
    return {
      database,
      name,
      version,
      generation: Number.parseInt(version, 10) < CURRENT ? 'old' : 'current',
      shards: name === undefined ? [first.slice(0, 1)] : await findShards(name, first, address, credentials),
    };
  } catch (error) {
    throw unreachable(error, `${hosts.join(',')}:${port}/${database}`);
  }
};
