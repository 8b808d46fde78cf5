/** Questions to a ClickHouse. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SondeError } from '../../kit/errors.ts';
import { tables } from '../../tickets/index.ts';
import type { Parameters } from '../engine/dialect.ts';
import type { QueryLimits, QueryResult, UserLimits } from '../engine/query.ts';
import type { TableSize } from '../snapshot.ts';
import type { Problem } from '../store-errors.ts';
import type { TicketSnapshot } from '../ticket-store.ts';
import { checkQuery } from './check-query.ts';
import { allServers, type Cluster } from './cluster.ts';
import { openAnswer, runQuery } from './run-query.ts';
import type { Settings } from './server.ts';

/** How far behind a replica may be that answers, seconds: the bound on how old rows are. */
const MAX_DELAY_S = 60;

/** What makes the same text mean the same as in the other engine. */
const dialect = {
  session_timezone: 'UTC',
  join_use_nulls: 1,
  union_default_mode: 'DISTINCT',
  max_replica_delay_for_distributed_queries: MAX_DELAY_S,
  fallback_to_stale_replicas_for_distributed_queries: 0,
} as const;

/** Nothing may be written, and no setting changed; what is still asked when nobody waits for it ends. */
const forUser = ({ memoryMb }: UserLimits): Settings => ({
  ...dialect,
  readonly: 1,
  cancel_http_readonly_queries_on_client_close: 1,
  ...(memoryMb === undefined ? {} : { max_memory_usage: memoryMb * 2 ** 20 }),
});

/**
 * Each query sees the imports that are complete when it begins: unlike a folder's, a snapshot of a server is not held
 * still between two queries.
 */
export class ClickhouseSnapshot implements TicketSnapshot {
  readonly problems: readonly Problem[] = [];
  readonly sizes: readonly TableSize[];
  readonly tables = tables;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, sizes: readonly TableSize[]) {
    this.#cluster = cluster;
    this.sizes = sizes;
  }

  query(sql: string, parameters: Parameters = {}, limits: QueryLimits = {}): Promise<QueryResult> {
    return runQuery(this.#servers(), sql, parameters, limits, this.#settings(dialect));
  }

  async userQuery(sql: string, parameters: Parameters = {}, limits: UserLimits = {}): Promise<QueryResult> {
    const settings = this.#settings(forUser(limits));
    await checkQuery(this.#servers(), sql, parameters, limits, settings);
    return runQuery(this.#servers(), sql, parameters, limits, settings);
  }

  async userParquet(
    sql: string,
    path: string,
    parameters: Parameters = {},
    limits: Omit<UserLimits, 'rows'> = {},
  ): Promise<void> {
    const settings = this.#settings(forUser(limits));
    await checkQuery(this.#servers(), sql, parameters, limits, settings);
    const answer = await openAnswer(this.#servers(), sql, 'Parquet', parameters, limits, settings);
    await pipeline(answer, createWriteStream(path));
  }

  /** Servers find by themselves what a query needs. */
  within(): this {
    return this;
  }

  async close(): Promise<void> {}

  #settings(settings: Settings): Settings {
    return { ...settings, database: this.#cluster.database };
  }

  #servers() {
    const { generation, version } = this.#cluster;
    if (generation === 'current') return allServers(this.#cluster);
    throw new SondeError(
      'SONDE_STORE_UNREADABLE',
      `queries need ClickHouse 24 or newer, the server has ${version}`,
      { database: this.#cluster.database },
      'it takes what is delivered; copy it to a newer one to ask it',
    );
  }
}
