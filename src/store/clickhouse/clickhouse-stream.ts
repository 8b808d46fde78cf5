/** A stream into ClickHouse, which shows what it has so far at each of its commits: each is an attempt of its own. */
import type { SealedBatch } from '../../tickets/batch.ts';
import { ClickhouseImport, type ImportOptions } from './clickhouse-import.ts';

/**
 * A stream that is being written: any number of commits, and at the end one more. Of its rows of `imports`, the one of the
 * last commit shows. A killed stream keeps what its commits showed; a commit that is complete in the spool shows when the
 * next command that writes there has delivered it.
 */
export class ClickhouseStream {
  readonly id: string;
  readonly #options: Omit<ImportOptions, 'shownAttempt'>;
  #next: ClickhouseImport;
  #commits = 0;

  constructor(id: string, options: Omit<ImportOptions, 'shownAttempt' | 'commit'>) {
    this.id = id;
    this.#options = options;
    this.#next = this.#begin();
  }

  /** How many commits the stream has, those under way included. */
  get commits(): number {
    return this.#commits;
  }

  /**
   * Takes a batch of any table but `imports`, whose arrays are free for other use when this resolves. Every row must carry
   * the stream's id in `source`.
   *
   * @throws SONDE_STORE_WRITE_FAILED
   */
  write(batch: SealedBatch): Promise<void> {
    return this.#next.write(batch);
  }

  /**
   * Shows what was written so far. Batches may be written meanwhile, for the next commit; the next commit may not begin.
   *
   * @param row the stream's row of `imports`, as of now
   * @throws SONDE_STORE_WRITE_FAILED
   */
  async commit(row: SealedBatch): Promise<void> {
    const current = this.#next;
    this.#commits++;
    this.#next = this.#begin();
    try {
      await current.write(row);
      await current.commit();
    } catch (error) {
      await current.abort();
      throw error;
    }
  }

  /** Drops what was written since the last commit. */
  abort(): Promise<void> {
    return this.#next.abort();
  }

  /** Nobody else writes a stream, so there is no other attempt at the same. */
  #begin(): ClickhouseImport {
    return new ClickhouseImport(this.id, {
      ...this.#options,
      commit: this.#commits + 1,
      shownAttempt: async () => undefined,
    });
  }
}
