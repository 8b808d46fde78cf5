/** The store in a ClickHouse, one server or a cluster. */
import { SondeError } from '../../kit/errors.ts';
import { imports, tables } from '../../tickets/index.ts';
import { type Checksum, checksumSql } from '../checksum.ts';
import { importTransaction, type Transaction } from '../delta/transaction.ts';
import type { TicketStore } from '../ticket-store.ts';
import { parseAddress } from './address.ts';
import { ClickhouseImport } from './clickhouse-import.ts';
import { ClickhouseSnapshot } from './clickhouse-snapshot.ts';
import { ClickhouseStream } from './clickhouse-stream.ts';
import { allServers, type Cluster, findCluster, rowsFrom } from './cluster.ts';
import { rowsTable } from './ddl.ts';
import { findHidden, type HiddenRows, vacuumHidden } from './hidden-rows.ts';
import { deliverLeft } from './leftovers.ts';
import { retry } from './retry.ts';
import { ask, type Credentials, quote, ServerError, unreachable } from './server.ts';
import { freeBytes, type ServerTable, serverTables, storedTables } from './server-tables.ts';
import { attemptBegan } from './spool.ts';

export interface ClickhouseOptions {
  readonly credentials: Credentials;
  /** Folder in which blocks wait until a server has them. */
  readonly spool: string;
  /** How long a shard may refuse blocks until an import fails, milliseconds. */
  readonly patienceMs?: number;
  /** Rows after which a block is sent: servers like few large ones, and memory holds what is not sent yet. */
  readonly blockRows?: number;
}

const PATIENCE_MS = 60_000;
/** A capture goes on while its servers are restarted: its blocks wait, as long as there are not too many. */
const STREAM_PATIENCE_MS = 600_000;
const BLOCK_ROWS = 65_536;
/** Longer than the longest import. */
const GRACE_MS = 7 * 86_400e3;
const LEAST_GRACE_MS = 3600e3;
/** Code of ClickHouse: there is no such table, or no such database. */
const missing: ReadonlySet<number> = new Set([60, 81]);

export class ClickhouseStore implements TicketStore {
  readonly path: string;
  readonly cluster: Cluster;
  readonly #delivery: Required<Omit<ClickhouseOptions, 'credentials'>>;
  readonly #streamPatienceMs: number;

  /** Use `openClickhouse`. */
  constructor(path: string, cluster: Cluster, options: ClickhouseOptions) {
    const { spool, patienceMs = PATIENCE_MS, blockRows = BLOCK_ROWS } = options;
    this.path = path;
    this.cluster = cluster;
    this.#delivery = { spool, patienceMs, blockRows };
    this.#streamPatienceMs = options.patienceMs ?? STREAM_PATIENCE_MS;
  }

  async bindKey(fingerprint: string): Promise<void> {
    const known = await this.keyFingerprint();
    if (known === undefined) await this.#writeKey(fingerprint);
    // Read, for another process may have been first.
    const store = known ?? (await this.keyFingerprint()) ?? '';
    if (store !== fingerprint)
      throw new SondeError(
        'SONDE_KEY_MISMATCH',
        'the store was written with another key: pseudonyms of the two would not match',
        { db: this.path, store, key: fingerprint },
        'use the key that the store was begun with, or begin another store',
      );
    await deliverLeft(this.#delivery.spool, this.cluster, this.#delivery.patienceMs);
  }

  async keyFingerprint(): Promise<string | undefined> {
    const sql = `SELECT key_fingerprint FROM ${this.cluster.database}.store_key ORDER BY bound_at, key_fingerprint LIMIT 1`;
    const [row] = await this.#rows(sql);
    return row === undefined ? undefined : String(row.key_fingerprint);
  }

  hasImport(id: string): Promise<boolean> {
    return this.has(importTransaction(id));
  }

  /** Only imports are known here, by themselves or with what they read. */
  async has({ appId }: Transaction): Promise<boolean> {
    const own = `concat('import:', id)`;
    const sql = `SELECT count() AS n FROM ${this.#imports}
      WHERE ${own} = ${quote(appId)} OR concat(${own}, ':', write_content) = ${quote(appId)}`;
    const [row] = await this.#rows(sql);
    return Number(row?.n) > 0;
  }

  async contentOf(id: string): Promise<string> {
    const [row] = await this.#rows(`SELECT write_content FROM ${this.#imports} WHERE id = ${quote(id)} LIMIT 1`);
    return String(row?.write_content ?? '');
  }

  beginImport(id: string): ClickhouseImport {
    const sql = `SELECT min(write_attempt) AS attempt FROM ${this.#imports} WHERE id = ${quote(id)} GROUP BY id`;
    const shownAttempt = async (): Promise<string | undefined> => {
      const { patienceMs } = this.#delivery;
      const [row] = await this.#guard(() => retry(patienceMs, () => rowsFrom(allServers(this.cluster), sql)));
      return row === undefined ? undefined : String(row.attempt);
    };
    return new ClickhouseImport(id, { ...this.#delivery, cluster: this.cluster, shownAttempt });
  }

  beginStream(id: string): ClickhouseStream {
    return new ClickhouseStream(id, { ...this.#delivery, cluster: this.cluster, patienceMs: this.#streamPatienceMs });
  }

  async checksums(ids: readonly string[]): Promise<readonly Checksum[]> {
    const { database, generation } = this.cluster;
    const clock = generation === 'old' ? 'microseconds' : 'timestamps';
    const isOwn = ids.length === 0 ? '1 = 0' : `source IN (${ids.map(quote).join(', ')})`;
    const sums: Checksum[] = [];
    for (const table of tables) {
      const [row] = await this.#rows(checksumSql(table, clock, isOwn, `${database}.${table.name}`));
      sums.push({ table: table.name, rows: Number(row?.n), sum: String(row?.total) });
    }
    return sums;
  }

  /** To the time between two commits. */
  async lastCommits(): Promise<ReadonlyMap<string, number>> {
    const sql = `SELECT id, max(write_attempt) AS attempt FROM ${this.#imports} WHERE write_commit > 0 GROUP BY id`;
    return new Map((await this.#rows(sql)).map(({ id, attempt }) => [String(id), attemptBegan(String(attempt))]));
  }

  /**
   * What it holds: of the tables, sizes as they are stored, hidden rows included; the version is the number of imports.
   */
  async snapshot(): Promise<ClickhouseSnapshot> {
    const [row] = await this.#rows(`SELECT uniqExact(id) AS n FROM ${this.#imports}`);
    const version = Number(row?.n);
    const stored = await this.#guard(() => storedTables(this.cluster));
    const sizes = stored.map(({ table, parts, rows, bytes }) => ({
      table: table.name,
      version,
      segments: parts,
      rows,
      bytes,
    }));
    return new ClickhouseSnapshot(this.cluster, sizes);
  }

  /** What there is, table by table. */
  inventory(): Promise<readonly ServerTable[]> {
    return this.#guard(() => serverTables(this.cluster));
  }

  /** Rows that no query sees. */
  hidden(): Promise<readonly HiddenRows[]> {
    return this.#guard(() => findHidden(this.cluster));
  }

  /**
   * Has servers delete hidden rows of attempts that began so long ago, milliseconds; see `vacuumHidden`.
   *
   * @throws SONDE_USAGE for less than an hour, in which imports do not look after their rows
   */
  async vacuum(graceMs = GRACE_MS): Promise<readonly HiddenRows[]> {
    if (graceMs < LEAST_GRACE_MS)
      throw new SondeError(
        'SONDE_USAGE',
        'rows of a ClickHouse that no query sees have at least an hour, for the imports that run',
        { grace: graceMs / 1000 },
        'give --grace 3600 or more',
      );
    return this.#guard(() => vacuumHidden(this.cluster, Date.now() - graceMs));
  }

  /** Bytes that are free on the disk that has least; undefined where servers do not tell. */
  freeBytes(): Promise<number | undefined> {
    return this.#guard(() => freeBytes(this.cluster));
  }

  /** Servers merge by themselves. */
  async tidy(): Promise<void> {}

  get #imports(): string {
    return `${this.cluster.database}.${rowsTable(imports)}`;
  }

  async #writeKey(fingerprint: string): Promise<void> {
    const sql = `INSERT INTO ${this.cluster.database}.store_key SELECT 1, ${quote(fingerprint)}, now()`;
    await this.#guard(() => ask(allServers(this.cluster)[0]!, sql));
  }

  #rows(sql: string): ReturnType<typeof rowsFrom> {
    return this.#guard(() => rowsFrom(allServers(this.cluster), sql));
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ServerError && missing.has(error.code))
        throw new SondeError(
          'SONDE_STORE_UNREADABLE',
          'the database has no tables of a store',
          { db: this.path },
          'make them with sonde db create',
          error,
        );
      throw unreachable(error, this.path);
    }
  }
}

/**
 * Opens the store at an address.
 *
 * @throws SONDE_USAGE for an address that is none, SONDE_STORE_UNREADABLE if no server answers
 */
export const openClickhouse = async (db: string, options: ClickhouseOptions): Promise<ClickhouseStore> =>
  new ClickhouseStore(db, await findCluster(parseAddress(db), options.credentials), options);
