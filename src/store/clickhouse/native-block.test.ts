import { expect, test } from 'vitest';
import { all, shapedRows, shapes } from '../../../test/parquet-rows.ts';
import { sealRows } from '../../../test/store-fixture.ts';
import { Interner } from '../../kit/interner.ts';
import { count, type Table, text } from '../../tickets/column.ts';
import { NativeBlock } from './native-block.ts';

const constants = [{ name: 'write_block', value: 3 }] as const;

const numbers = (from: number, until: number): Int32Array =>
  Int32Array.from({ length: until - from }, (_, i) => from + i);

test('columns with their types, a dictionary of words, a byte for each NULL', () => {
  const table: Table = { name: 'some', doc: '', columns: { word: text(''), n: count(''), never: count('') } };
  const block = new NativeBlock(table, 'current');
  block.add(sealRows(table, [{ word: 'ab', n: -2 }, { n: null }, { word: 'ab', n: 1 }]), numbers(0, 3));
  const { columns, rows, bytes } = block.end(constants);
  expect([columns, rows]).toEqual([['word', 'n', 'write_block'], 3]);
  expect(Buffer.from(bytes).toString('latin1')).toBe(
    [
      '\x03\x03',
      '\x04word\x16LowCardinality(String)',
      `\x01${'\0'.repeat(7)}\0\x02${'\0'.repeat(6)}\x02${'\0'.repeat(7)}\0\x02ab\x03${'\0'.repeat(7)}\x01\0\x01`,
      '\x01n\x0fNullable(Int64)',
      `\0\x01\0\xfe${'\xff'.repeat(7)}${'\0'.repeat(8)}\x01${'\0'.repeat(7)}`,
      '\x0bwrite_block\x06UInt32\x03\0\0\0\x03\0\0\0\x03\0\0\0',
    ].join(''),
  );
});

test.each(Object.keys(shapes))('the same rows give the same bytes, however batches are cut: %s', (shape) => {
  const rows = shapedRows(shape, 1, 500);
  const encode = (...cuts: readonly number[]): Buffer => {
    const block = new NativeBlock(all, 'current');
    // Another block before leaves no trace.
    block.add(sealRows(all, shapedRows('many values', 2, 400)), numbers(0, 400));
    block.end(constants);
    const interner = new Interner();
    cuts.forEach((from, i) => {
      const part = rows.slice(from, cuts[i + 1] ?? rows.length);
      block.add(sealRows(all, part, interner), numbers(0, part.length));
    });
    return Buffer.from(block.end(constants).bytes);
  };
  expect(encode(0, 7, 400).equals(encode(0))).toBe(true);
});

test('some rows of a batch are as a batch of those rows', () => {
  const rows = shapedRows('few values', 1, 300);
  const block = new NativeBlock(all, 'old');
  block.add(sealRows(all, rows), Int32Array.of(3, 4, 250));
  const other = new NativeBlock(all, 'old');
  other.add(sealRows(all, [rows[3]!, rows[4]!, rows[250]!]), numbers(0, 3));
  expect(block.end(constants)).toEqual(other.end(constants));
});

test('rows of another epoch of texts go into another block', () => {
  const block = new NativeBlock(all, 'current');
  const [first, second] = [1, 2].map((seed) => sealRows(all, shapedRows('few values', seed, 10)));
  expect(block.takes(first!)).toBe(true);
  block.add(first!, numbers(0, 10));
  expect([block.takes(first!), block.takes(second!)]).toEqual([true, false]);
  block.end(constants);
  expect(block.takes(second!)).toBe(true);
});
