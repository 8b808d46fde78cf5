import { expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
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

/** Reads as the standard has it, a bit at a time. */
const readHybrid = (bytes: Uint8Array, count: number, width: number): readonly number[] => {
  const values: number[] = [];
  let at = 0;
  const valueAt = (bit: number): number => {
    let value = 0;
    for (let i = bit; i < bit + width; i++) value |= ((bytes[i >> 3]! >> (i & 7)) & 1) << (i - bit);
    return value;
  };
  while (at < bytes.length) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      head |= (bytes[at]! & 127) << shift;
      if (bytes[at++]! < 128) break;
    }
    for (let i = 0; i < (head % 2 === 0 ? head >> 1 : 8 * (head >> 1)); i++)
      values.push(valueAt(8 * at + (head % 2 === 0 ? 0 : i * width)));
    at += head % 2 === 0 ? (width + 7) >> 3 : (head >> 1) * width;
  }
  expect(at).toBe(bytes.length);
  expect(values.slice(count).every((value) => value === 0)).toBe(true);
  return values.slice(0, count);
};

test.each(Array.from({ length: 31 }, (_, i) => i + 1))(
  'values of %d bits, in any number and in runs of any length',
  (width) => {
    const random = new Random(width);
    for (const length of [1, 7, 8, 31, 32, 33, 100, 1003]) {
      const values: number[] = [];
      while (values.length < length) {
        const value = random.pick([0, 2 ** width - 1, random.word() >>> (32 - width)]);
        values.push(...Array<number>(random.pick([1, 1, 1, 5, 24, 40])).fill(value));
      }
      const out = new ByteBuffer();
      writeHybrid(out, Int32Array.from(values), length, width);
      expect(readHybrid(out.written, length, width)).toEqual(values.slice(0, length));
    }
  },
);
