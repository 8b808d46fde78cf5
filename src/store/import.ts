/** An import over all tables: segments while it runs, then one commit a table, so that it shows wholly or not at all. */
import type { SealedBatch } from '../tickets/batch.ts';
import { imports } from '../tickets/index.ts';
import { requireSegments } from './delta/check-segment.ts';
import type { DeltaLog } from './delta/delta-log.ts';
import { removeSegments, removeUnnamed } from './delta/remove-segments.ts';
import type { WrittenSegment } from './delta/segment.ts';
import type { SegmentSink } from './delta/segment-sink.ts';
import { attemptTransaction, importTransaction } from './delta/transaction.ts';
import { sync } from './delta/write-once.ts';
import { claimsOf, type Turn } from './turn.ts';

/** What an import came to be. */
export interface Ending {
  /** Digest of what it read; without it the id stands for that. */
  readonly content?: string;
  /** Its place, if its rows go on from those of the import before. */
  readonly turn?: Turn;
}

/**
 * An import that is being written. End it with `commit` or `abort`.
 *
 * A killed one leaves segments that no log names, and commits in some tables that are hidden because `imports` has none.
 * Importing the same again completes it: tables that have its transaction keep what they have.
 */
export class Import {
  readonly id: string;
  readonly #logs: readonly DeltaLog[];
  readonly #sink: SegmentSink;
  #hasRow = false;
  #failure: unknown;
  #segments: readonly WrittenSegment[] | undefined;

  /** @param logs one a table in the order of commits, `imports` last */
  constructor(id: string, logs: readonly DeltaLog[], sink: SegmentSink) {
    this.id = id;
    this.#logs = logs;
    this.#sink = sink;
  }

  /**
   * Takes a batch, whose arrays are free for other use when this resolves. Every row must carry the import's id in `source`.
   *
   * @throws SONDE_STORE_WRITE_FAILED
   */
  async write(batch: SealedBatch): Promise<void> {
    this.#hasRow ||= batch.table === imports.name && batch.rows > 0;
    await this.#sink.write(batch).catch((error: unknown) => {
      this.#failure = error;
      throw error;
    });
  }

  /**
   * Makes the rows visible, all at once. `added` is false if the store has this import already: then nothing changed.
   * The rows must include one of `imports`, with this import's id.
   *
   * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_CORRUPT, SONDE_STREAM_OVERTAKEN; `abort` is then still to be called
   */
  async commit({ content = '', turn }: Ending = {}): Promise<{ readonly added: boolean }> {
    // Without the batch that failed, the rest must not show, whatever became of the error.
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#hasRow) throw new Error(`import ${this.id} has no row in the table imports`);
    this.#segments = await this.#sink.finish();
    const transaction = attemptTransaction(this.id, content, turn?.number);
    const claims = [importTransaction(this.id), ...(turn === undefined ? [] : claimsOf(turn))];
    for (const log of this.#logs) await requireSegments(log.folder, this.#of(log));
    let added = false;
    for (const log of this.#logs) {
      const segments = this.#of(log);
      if (segments.length === 0) continue;
      await sync(log.folder);
      const isLast = log.table.name === imports.name;
      added = (await log.append({ transaction, segments, claims: isLast ? claims : [] })) === 'added';
      if (!added) await removeSegments(log, segments);
    }
    return { added };
  }

  /** Removes what was written, except what a commit names. */
  async abort(): Promise<void> {
    await removeUnnamed(this.#logs, this.#segments ?? (await this.#sink.abandon()));
  }

  #of({ table }: DeltaLog): readonly WrittenSegment[] {
    return (this.#segments ?? []).filter((segment) => segment.table === table.name);
  }
}
