/** A stream over all tables, which shows what it has so far at each of its commits. */
import type { SealedBatch } from '../tickets/batch.ts';
import { imports } from '../tickets/index.ts';
import type { DeltaLog } from './delta/delta-log.ts';
import { removeUnnamed } from './delta/remove-segments.ts';
import type { WrittenSegment } from './delta/segment.ts';
import { openSegments, type SegmentSink } from './delta/segment-sink.ts';
import { streamTransaction, type Transaction } from './delta/transaction.ts';
import { sync } from './delta/write-once.ts';
import { overtaken } from './store-errors.ts';
import { claimsOf, type Turn } from './turn.ts';
import { defaultGrace, vacuumTable } from './upkeep/vacuum.ts';

/** Commits between two looks for files to be taken off the disk. */
const VACUUM_EVERY = 64;

/**
 * A stream that is being written: any number of commits, and at the end one more.
 *
 * Each commit is numbered, and its rows show when the table of imports has that number. There the stream has one row,
 * which every commit replaces by that of the moment. A killed stream keeps what its last commit showed; what some
 * tables have beyond that stays hidden, for nobody can repeat a stream.
 */
export class Stream {
  readonly id: string;
  readonly #logs: readonly DeltaLog[];
  readonly #database: string;
  #sink: SegmentSink;
  #commits = 0;
  /** The segment of the row in `imports`. */
  #row: readonly string[] = [];

  /**
   * @param logs one a table in the order of commits, `imports` last
   * @param database the folder that holds the tables
   */
  constructor(id: string, logs: readonly DeltaLog[], database: string) {
    this.id = id;
    this.#logs = logs;
    this.#database = database;
    this.#sink = openSegments(database);
  }

  /** How many commits the stream has, those under way included. */
  get commits(): number {
    return this.#commits;
  }

  /**
   * Takes a batch of any table but `imports`, whose arrays are free for other use when this resolves. Every row must carry the stream's id in `source`.
   *
   * @throws SONDE_STORE_WRITE_FAILED
   */
  write(batch: SealedBatch): Promise<void> {
    return this.#sink.write(batch);
  }

  /**
   * Shows what was written so far. Batches may be written meanwhile, for the next commit; the next commit may not begin.
   *
   * @param row the stream's row of `imports`, as of now
   * @param turn what the commit claims, if the stream goes on from command to command
   * @param prepare done before anything of the commit shows
   * @throws what `prepare` throws, SONDE_STORE_WRITE_FAILED, SONDE_STORE_CORRUPT, SONDE_STREAM_OVERTAKEN
   */
  async commit(
    row: SealedBatch,
    turn?: Turn,
    prepare: (transaction: Transaction) => Promise<void> = async () => {},
  ): Promise<void> {
    const sink = this.#sink;
    this.#sink = openSegments(this.#database);
    const transaction = streamTransaction(this.id, ++this.#commits);
    let segments: readonly WrittenSegment[] | undefined;
    try {
      await sink.write(row);
      segments = await sink.finish();
      await prepare(transaction);
      for (const log of this.#logs) {
        const own = segments.filter(({ table }) => table === log.table.name);
        if (own.length === 0) continue;
        await sync(log.folder);
        const isLast = log.table.name === imports.name;
        const claims = isLast && turn !== undefined ? claimsOf(turn) : [];
        const outcome = await log.append({ transaction, segments: own, claims, removed: isLast ? this.#row : [] });
        if (outcome !== 'added') throw overtaken(transaction);
        if (isLast) this.#row = own.map(({ file }) => file);
        if (isLast && this.#commits % VACUUM_EVERY === 1) await vacuumTable(log, defaultGrace, Date.now());
      }
    } catch (error) {
      await removeUnnamed(this.#logs, segments ?? (await sink.abandon()));
      throw error;
    }
  }

  /** Drops what was written since the last commit. */
  async abort(): Promise<void> {
    await removeUnnamed(this.#logs, await this.#sink.abandon());
  }
}
