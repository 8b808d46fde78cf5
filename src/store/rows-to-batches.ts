/** Rows that the engine gave, as sealed batches of a table: the way back into the store. */
import { Interner } from '../kit/interner.ts';
import { Batch, IdColumn, ListColumn, type SealedBatch, sealBatch } from '../tickets/batch.ts';
import type { ColumnKind, Table } from '../tickets/column.ts';
import type { Row, Value } from './engine/rows.ts';

/** Rows of a batch at least, but of the last one. */
const BATCH_ROWS = 8192;

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

/**
 * Rows by column name, in order, as batches. A column that a row has not, or as null, is not observed.
 *
 * @param chunks of whatever size; kinds of the values as `Value` tells
 */
export async function* rowsToBatches(
  table: Table,
  chunks: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
): AsyncGenerator<SealedBatch> {
  const columns = Object.entries(table.columns);
  const seal = (rows: readonly Row[]): SealedBatch => {
    const batch = new Batch(table, new Interner(), rows.length);
    for (const row of rows) {
      const at = batch.begin();
      for (const [name, { kind }] of columns) fillCell(batch, name, kind, at, row[name] ?? null);
      batch.end();
    }
    return sealBatch(batch);
  };
  let rows: Row[] = [];
  for await (const chunk of chunks) {
    for (const row of chunk) rows.push(row);
    if (rows.length < BATCH_ROWS) continue;
    yield seal(rows);
    rows = [];
  }
  if (rows.length > 0) yield seal(rows);
}
