import { expect, test } from 'vitest';
import { ByteBuffer } from './byte-buffer.ts';
import { writeHybrid } from './run-length.ts';

const hybrid = (values: readonly number[], width: number): string => {
  const out = new ByteBuffer();
  writeHybrid(out, Int32Array.from(values), values.length, width);
  return Buffer.from(out.written).toString('hex');
};

test('the example of the standard: 0 to 7 in three bits each', () => {
  expect(hybrid([0, 1, 2, 3, 4, 5, 6, 7], 3)).toBe('0388c6fa');
});

test('a long run is its length and its value, in whole bytes', () => {
  expect(hybrid(Array(1000).fill(5), 3)).toBe('d00f05');
  expect(hybrid(Array(24).fill(300), 9)).toBe('302c01');
});

test('a short run is packed, and filled up with zeros', () => {
  expect(hybrid(Array(23).fill(1), 1)).toBe('07ffff7f');
  expect(hybrid([1], 12)).toBe('03010000000000000000000000');
});

test('packed values before and behind a run', () => {
  const values = [...Array(8).fill(2), ...Array(8).fill(1), ...Array(30).fill(3), 0, 1];
  expect(hybrid(values, 2)).toBe('05aaaa55553c03030400');
});

test('what has no bits is a run, and nothing is nothing', () => {
  expect(hybrid(Array(8192).fill(0), 0)).toBe('808001');
  expect(hybrid([], 4)).toBe('');
});
