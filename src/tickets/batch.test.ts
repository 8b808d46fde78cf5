import { expect, test } from 'vitest';
import { type Cell, fillCell } from '../../test/fill-cell.ts';
import { all, shapedRows, shapes } from '../../test/parquet-rows.ts';
import { Interner } from '../kit/interner.ts';
import { Batch, type SealedBatch, sealBatch } from './batch.ts';

const CAPACITY = 100;

const fill = (batch: Batch, rows: readonly Readonly<Record<string, Cell>>[]): SealedBatch => {
  for (const row of rows) {
    const at = batch.begin();
    for (const [name, cell] of Object.entries(row)) fillCell(batch, name, at, cell);
    batch.end();
  }
  return sealBatch(batch);
};

test.each(Object.keys(shapes))('a batch that was cleared is as a new one, whatever it held: %s', (shape) => {
  const interner = new Interner();
  for (const next of Object.keys(shapes)) {
    const batch = new Batch(all, interner, CAPACITY);
    batch.clear(fill(batch, shapedRows(shape, 1, CAPACITY)));
    const rows = shapedRows(next, 2, CAPACITY / 2);
    expect(fill(batch, rows)).toEqual(fill(new Batch(all, interner, CAPACITY), rows));
  }
});
