/** An import over all tables: segments while it runs, then one commit a table, so that it shows wholly or not at all. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealedBatch } from '../tickets/batch.ts';
import { imports } from '../tickets/index.ts';
import type { DeltaLog } from './delta-log.ts';
import type { WrittenSegment } from './segment.ts';
import type { SegmentSink } from './segment-writer.ts';
import { sync } from './write-once.ts';

const prefix = 'import:';

/** The application id of an import's commits; it hides their segments until the `imports` table has it too. */
export const importTransaction = (id: string): string => prefix + id;

/** The id of the import whose transaction this is; undefined for other transactions. */
export const importOf = (transaction: string): string | undefined =>
  transaction.startsWith(prefix) ? transaction.slice(prefix.length) : undefined;

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
   * Takes a batch, whose arrays must not be used afterwards: they change threads. Resolves when there is room for more.
   * Every row must carry the import's id in `source`.
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
   * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_CORRUPT; `abort` is then still to be called
   */
  async commit(): Promise<{ readonly added: boolean }> {
    // Without the batch that failed, the rest must not show, whatever became of the error.
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#hasRow) throw new Error(`import ${this.id} has no row in the table imports`);
    this.#segments = await this.#sink.finish();
    let added = false;
    for (const log of this.#logs) {
      const own = this.#segments.filter(({ table }) => table === log.table.name);
      if (own.length === 0) continue;
      await sync(log.folder);
      added = await log.append(importTransaction(this.id), own);
      if (!added) await this.#remove(log, own);
    }
    return { added };
  }

  /** Removes what was written, except what a commit names. */
  async abort(): Promise<void> {
    const segments = this.#segments ?? (await this.#sink.abandon());
    for (const log of this.#logs) {
      // A commit may stand although its writer was told of a failure, so the log is asked.
      await log.refresh();
      const unnamed = segments.filter(({ table, file }) => table === log.table.name && !log.segments.has(file));
      await this.#remove(log, unnamed);
    }
  }

  async #remove(log: DeltaLog, segments: readonly WrittenSegment[]): Promise<void> {
    // One that stays is harmless: no commit names it, and `unfinished` counts it.
    for (const { file } of segments) await rm(join(log.folder, file), { force: true }).catch(() => undefined);
  }
}
