/** The batch of a table that is being filled, one after the other: sealed when it is full, its arrays used again when they are free. */
import type { Interner } from '../kit/interner.ts';
import { Batch, type SealedBatch, sealBatch } from '../tickets/batch.ts';
import type { Columns, Table } from '../tickets/column.ts';

const BATCH_ROWS = 8192;

/** With the labellers that read whole columns. */
export class OpenBatch<C extends Columns> {
  batch: Batch<C>;
  readonly #label: () => void;
  /** Batches as they were sealed, until what they hold has been taken. */
  readonly #sealed = new WeakMap<SealedBatch, Batch<C>>();
  /** A batch of which everything has been taken, so that no memory is asked for again and again. */
  #spare: Batch<C> | undefined;

  constructor(table: Table<C>, interner: Interner, label: (batch: Batch<C>) => void) {
    this.batch = new Batch(table, interner, BATCH_ROWS);
    this.#label = () => label(this.batch);
  }

  /** Labels and seals the batch, and opens the next. */
  seal(): SealedBatch {
    this.#label();
    const { batch } = this;
    const sealed = sealBatch(batch);
    this.#sealed.set(sealed, batch);
    this.batch = this.#spare ?? new Batch(batch.table, batch.interner, BATCH_ROWS);
    this.#spare = undefined;
    return sealed;
  }

  /** Lets the arrays of a batch serve again. */
  reuse(sealed: SealedBatch): void {
    const batch = this.#sealed.get(sealed);
    if (batch === undefined || this.#spare !== undefined) return;
    batch.clear(sealed);
    this.#sealed.delete(sealed);
    this.#spare = batch;
  }
}
