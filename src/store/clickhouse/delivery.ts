/** Blocks to their shards: each sent until a replica has acknowledged it, in the order in which they came. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SondeError } from '../../kit/errors.ts';
import type { Table } from '../../tickets/column.ts';
import { tables } from '../../tickets/index.ts';
import { awaitReplicas } from './await-replicas.ts';
import { allServers, type Cluster, rowsFrom } from './cluster.ts';
import { readTable, rowsTable } from './ddl.ts';
import { retry } from './retry.ts';
import { ask, type Endpoint, quote, type Settings } from './server.ts';
import { attemptBegan, forgetBlock, readBlock, type SpooledBlock } from './spool.ts';

/** Blocks of a table that a shard may have open. Servers know again some thousand blocks, so that repeats count once. */
const MAX_OPEN = 50;

/** Rows of an attempt that is younger than this are there: `sonde db vacuum` leaves them at least twice the time. */
const YOUNG_MS = 1800_000;
/** How long a replica may take that was away. */
const CATCH_UP_MS = 10_000;
const POLL_MS = 500;

const tableOf = (name: string): Table => tables.find((table) => table.name === name)!;

/** The settings under which a block that is sent twice counts once. */
const settingsOf = (attempt: string, { number }: SpooledBlock, { generation }: Cluster): Settings => ({
  insert_deduplicate: 1,
  ...(generation === 'old'
    ? {}
    : {
        insert_deduplication_token: `${attempt}-${number}`,
        async_insert: 0,
        max_partitions_per_insert_block: 0,
      }),
});

const undelivered = (error: unknown, { table, path }: SpooledBlock, { host, port }: Endpoint): SondeError =>
  new SondeError(
    'SONDE_STORE_WRITE_FAILED',
    `no replica takes a block of ${table}: ${error instanceof Error ? error.message : error}`,
    { server: `${host}:${port}`, file: path },
    'look after the server, then run the command again: nothing of it shows until all is there, and nothing counts twice',
    error,
  );

/** The blocks for one shard, one after the other. */
class Lane {
  readonly #replicas: readonly Endpoint[];
  readonly #cluster: Cluster;
  readonly #patienceMs: number;
  /** By table, the blocks that no replica has acknowledged. */
  readonly #open = new Map<string, Promise<void>[]>();
  #last: Promise<void> = Promise.resolve();
  #failure: unknown;
  #replica = 0;

  constructor(replicas: readonly Endpoint[], cluster: Cluster, patienceMs: number) {
    this.#replicas = replicas;
    this.#cluster = cluster;
    this.#patienceMs = patienceMs;
  }

  async take(attempt: string, block: SpooledBlock): Promise<void> {
    const open = this.#open.get(block.table) ?? [];
    this.#open.set(block.table, open);
    while (open.length >= MAX_OPEN) await open[0];
    this.#check();
    this.#last = this.#last.then(() => this.#deliver(attempt, block)).then(() => void open.shift());
    open.push(this.#last);
  }

  async drain(): Promise<void> {
    await this.#last;
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #deliver(attempt: string, block: SpooledBlock): Promise<void> {
    // Behind one that could not be sent, all stay in the spool.
    if (this.#failure !== undefined) return;
    try {
      await this.#send(attempt, block);
      await forgetBlock(block);
    } catch (error) {
      this.#failure = error;
    }
  }

  async #send(attempt: string, block: SpooledBlock): Promise<void> {
    const { database } = this.#cluster;
    const sql = `INSERT INTO ${database}.${rowsTable(tableOf(block.table))} (${block.columns.join(', ')}) FORMAT Native`;
    const settings = settingsOf(attempt, block, this.#cluster);
    const body = await readBlock(block);
    const next = (): Endpoint => this.#replicas[this.#replica % this.#replicas.length]!;
    try {
      await retry(this.#patienceMs, async (tries) => {
        if (tries > 0) this.#replica++;
        await ask(next(), sql, { settings, body });
      });
    } catch (error) {
      throw undelivered(error, block, next());
    }
  }
}

/** Delivers the blocks of one attempt. It fails for good if a shard takes nothing for longer than the patience. */
export class Delivery {
  readonly #attempt: string;
  readonly #cluster: Cluster;
  readonly #patienceMs: number;
  readonly #lanes: readonly Lane[];
  /** Into which rows were sent. */
  readonly #tables = new Set<string>();

  constructor(attempt: string, cluster: Cluster, patienceMs: number) {
    this.#attempt = attempt;
    this.#cluster = cluster;
    this.#patienceMs = patienceMs;
    this.#lanes = cluster.shards.map((replicas) => new Lane(replicas, cluster, patienceMs));
  }

  /**
   * Resolves when the block is under way: it waits while its shard has too many of its table open.
   *
   * @throws SONDE_STORE_WRITE_FAILED if an earlier block could not be delivered; what is in the spool stays there
   */
  send(block: SpooledBlock): Promise<void> {
    this.#tables.add(rowsTable(tableOf(block.table)));
    // A cluster may have fewer shards than when the block was written: any of them may hold it.
    return this.#lanes[block.shard % this.#lanes.length]!.take(this.#attempt, block);
  }

  /**
   * Sends the block that makes the rows visible, once all others are acknowledged and the replicas that run have them.
   *
   * @throws SONDE_STORE_WRITE_FAILED
   */
  async end(last: SpooledBlock): Promise<void> {
    for (const lane of this.#lanes) await lane.drain();
    await awaitReplicas(this.#cluster, [...this.#tables]);
    if (Date.now() - attemptBegan(this.#attempt) > YOUNG_MS) await this.#requireRows(last);
    const everywhere = new Lane(allServers(this.#cluster), this.#cluster, this.#patienceMs);
    await everywhere.take(this.#attempt, last);
    await everywhere.drain();
    await awaitReplicas(this.#cluster, [rowsTable(tableOf(last.table))]);
  }

  /** What was hidden for long may have been vacuumed: then the rest must not show. */
  async #requireRows(last: SpooledBlock): Promise<void> {
    for (const [name, rows] of Object.entries(last.totals ?? {})) {
      const until = Date.now() + CATCH_UP_MS;
      let found = await this.#rowsIn(name);
      for (; found !== rows && Date.now() < until; found = await this.#rowsIn(name)) await sleep(POLL_MS);
      if (found === rows) continue;
      await forgetBlock(last);
      throw new SondeError(
        'SONDE_STORE_WRITE_FAILED',
        `of the ${rows} rows of ${name} that were written, servers have ${found}`,
        { table: name, database: this.#cluster.database },
        'run the command again; and let sonde db vacuum leave alone what is younger than the longest import',
      );
    }
  }

  async #rowsIn(name: string): Promise<number> {
    const from = readTable(tableOf(name), { cluster: this.#cluster.name });
    const sql = `SELECT count() AS n FROM ${this.#cluster.database}.${from} WHERE write_attempt = ${quote(this.#attempt)}`;
    const [row] = await retry(this.#patienceMs, () => rowsFrom(allServers(this.#cluster), sql));
    return Number(row!.n);
  }
}
