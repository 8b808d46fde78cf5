/** Rows that the engine gave, as sealed batches of a table: the way back into the store. */
import { Interner } from '../kit/interner.ts';
import { Batch, IdColumn, ListColumn, type SealedBatch, sealBatch } from '../tickets/batch.ts';
import type { ColumnKind, Table } from '../tickets/column.ts';
import type { Row, Value } from './engine/rows.ts';

/** Rows of a batch at least, but of the last one, and of those that begin with a small chunk. */
const BATCH_ROWS = 8192;
const SMALL_CHUNK = 64;

const fillCell = (batch: Batch, name: string, kind: ColumnKind, row: number, value: Value): void => {
  const column = batch.columns[name]!;
  if (column instanceof ListColumn) {
    for (const one of Array.isArray(value) ? value : [])
      if (one !== null) column.push(kind === 'texts' ? batch.interner.code(String(one)) : Number(one));
  } else if (column instanceof IdColumn) {
    const digits = String(value ?? '').padStart(16, '0');
    column.set(row, Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8), 16));
  } else if (column instanceof Int32Array) column[row] = value === null ? 0 : batch.interner.code(String(value));
  else column[row] = value === null ? Number.NaN : Number(value);
};

type Chunks = AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;

/**
 * Rows by column name, in order, as batches that are open still. A column that a row has not, or as null, is not observed.
 *
 * @param chunks of whatever size; kinds of the values as `Value` tells
 * @param newInterner gives the one of each batch
 */
export async function* fillBatches(table: Table, chunks: Chunks, newInterner: () => Interner): AsyncGenerator<Batch> {
  const columns = Object.entries(table.columns).map(([name, { kind }]) => [name, kind] as const);
  let batch: Batch | undefined;
  for await (const chunk of chunks) {
    for (const row of chunk) {
      // Room for thousands of rows costs more than to write the few of a small chunk.
      batch ??= new Batch(table, newInterner(), chunk.length < SMALL_CHUNK ? SMALL_CHUNK : BATCH_ROWS);
      const at = batch.begin();
      for (const [name, kind] of columns) fillCell(batch, name, kind, at, row[name] ?? null);
      batch.end();
      if (!batch.full) continue;
      yield batch;
      batch = undefined;
    }
  }
  if (batch !== undefined) yield batch;
}

/** The same, sealed: each batch has words of its own. */
export async function* rowsToBatches(table: Table, chunks: Chunks): AsyncGenerator<SealedBatch> {
  for await (const batch of fillBatches(table, chunks, () => new Interner())) yield sealBatch(batch);
}
