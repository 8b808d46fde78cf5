/** An import into ClickHouse: blocks while it runs, and at the end the one that makes them visible. */
import type { SealedBatch } from '../../tickets/batch.ts';
import { imports, tables } from '../../tickets/index.ts';
import type { Ending } from '../import.ts';
import type { Cluster } from './cluster.ts';
import { Delivery } from './delivery.ts';
import { NativeBlock } from './native-block.ts';
import { Sharder } from './shard-of.ts';
import { AttemptSpool } from './spool.ts';

/** The blocks of one table that are being filled, by shard. */
interface Filling {
  readonly sharder: Sharder;
  readonly blocks: readonly NativeBlock[];
}

export interface ImportOptions {
  readonly cluster: Cluster;
  /** Folder of the spool. */
  readonly spool: string;
  readonly patienceMs: number;
  /** Rows after which a block ends. */
  readonly blockRows: number;
  /** The number of the commit, if it is one of a stream. */
  readonly commit?: number;
  /** Tells which attempt at the import shows; undefined if none does. */
  readonly shownAttempt: () => Promise<string | undefined>;
}

/** End it with `commit` or `abort`. A killed one leaves rows that nothing shows. */
export class ClickhouseImport {
  readonly id: string;
  readonly #options: ImportOptions;
  readonly #attempt: AttemptSpool;
  readonly #delivery: Delivery;
  readonly #filling = new Map<string, Filling>();
  readonly #imports: NativeBlock;
  /** By table, the rows that are in blocks. */
  readonly #totals = new Map<string, number>();
  #blocks = 0;

  constructor(id: string, options: ImportOptions) {
    const { cluster, spool, patienceMs } = options;
    this.id = id;
    this.#options = options;
    this.#attempt = new AttemptSpool(spool);
    this.#delivery = new Delivery(this.#attempt.id, cluster, patienceMs);
    this.#imports = new NativeBlock(imports, cluster.generation);
  }

  /**
   * Takes a batch, whose arrays are free for other use when this resolves. Every row must carry the import's id in `source`.
   *
   * @throws SONDE_STORE_WRITE_FAILED
   */
  async write(batch: SealedBatch): Promise<void> {
    if (batch.table === imports.name) {
      this.#imports.add(
        batch,
        Int32Array.from({ length: batch.rows }, (_, row) => row),
      );
      return;
    }
    const { sharder, blocks } = this.#fillingOf(batch.table);
    for (const [shard, rows] of sharder.spread(batch).entries()) {
      const block = blocks[shard]!;
      if (!block.takes(batch)) await this.#end(batch.table, shard, block);
      if (rows.length > 0) block.add(batch, rows);
      if (block.rows >= this.#options.blockRows) await this.#end(batch.table, shard, block);
    }
  }

  /**
   * Makes the rows visible, all at once. `added` is false if the store has this import already: then nothing changed.
   *
   * @throws SONDE_STORE_WRITE_FAILED: what is complete in the spool then is sent by the next command that writes
   */
  async commit({ content = '' }: Ending = {}): Promise<{ readonly added: boolean }> {
    if (this.#imports.rows === 0) throw new Error(`import ${this.id} has no row in the table imports`);
    if ((await this.#options.shownAttempt()) !== undefined) {
      await this.abort();
      return { added: false };
    }
    for (const [table, { blocks }] of this.#filling)
      for (const [shard, block] of blocks.entries()) if (block.rows > 0) await this.#end(table, shard, block);
    const totals = Object.fromEntries(this.#totals);
    const head = { number: this.#blocks, table: imports.name, shard: 0, totals };
    const { commit = 0 } = this.#options;
    const constants = [
      ...this.#constants(head.number),
      { name: 'write_content', value: content },
      { name: 'write_commit', value: commit },
    ];
    const last = await this.#attempt.put(head, this.#imports.end(constants), true);
    await this.#delivery.end(last);
    await this.#attempt.leave();
    return { added: (await this.#options.shownAttempt()) === this.#attempt.id };
  }

  /**
   * Drops what the spool has; what servers have of it stays hidden. An import that was complete in the spool stays there,
   * for the next command that writes.
   */
  async abort(): Promise<void> {
    await this.#attempt.leave();
  }

  #fillingOf(name: string): Filling {
    const known = this.#filling.get(name);
    if (known !== undefined) return known;
    const table = tables.find((one) => one.name === name)!;
    const { shards, generation } = this.#options.cluster;
    const filling = {
      sharder: new Sharder(table, shards.length),
      blocks: shards.map(() => new NativeBlock(table, generation)),
    };
    this.#filling.set(name, filling);
    return filling;
  }

  #constants(number: number) {
    return [
      { name: 'write_attempt', value: this.#attempt.id },
      { name: 'write_block', value: number },
    ];
  }

  async #end(table: string, shard: number, block: NativeBlock): Promise<void> {
    const head = { number: this.#blocks++, table, shard };
    this.#totals.set(table, (this.#totals.get(table) ?? 0) + block.rows);
    await this.#delivery.send(await this.#attempt.put(head, block.end(this.#constants(head.number)), false));
  }
}
