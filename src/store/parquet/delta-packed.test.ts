import { expect, test } from 'vitest';
import { ByteBuffer } from './byte-buffer.ts';
import { writeDeltas } from './delta-packed.ts';

const deltas = (values: readonly number[]): string => {
  const out = new ByteBuffer();
  writeDeltas(out, Float64Array.from(values), values.length);
  return Buffer.from(out.written).toString('hex');
};

/** 128 values a block, 4 miniblocks. */
const head = '800104';

test('the examples of the standard: equal steps cost nothing, others bits above the least', () => {
  expect(deltas([1, 2, 3, 4, 5])).toBe(`${head}0502${'02'}00000000`);
  // Steps -2 -2 -2 1 1 1 1: least -2, then 0 0 0 3 3 3 3 in two bits, in a miniblock of 32.
  expect(deltas([7, 5, 3, 1, 2, 3, 4, 5])).toBe(`${head}080e0302000000c03f000000000000`);
});

test('one value is the head alone', () => {
  expect(deltas([-1])).toBe(`${head}0101`);
});

test('a second block, for the value behind 128 steps', () => {
  const ramp = Array.from({ length: 130 }, (_, i) => i);
  expect(deltas(ramp)).toBe(`${head}8201000200000000${'02'}00000000`);
});

test('steps of more than 32 bits', () => {
  // 2^40 and -2^40: least -2^40, then 2^41 and 0 in 42 bits.
  expect(deltas([0, 2 ** 40, 0])).toBe(`${head}0300ffffffffff3f2a000000${'000000000002'.padEnd(2 * 4 * 42, '0')}`);
});
