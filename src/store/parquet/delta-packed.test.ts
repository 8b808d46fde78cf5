import { expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
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

/** Bits of bytes as one number, the least significant first. */
const bitsAt = (bytes: Uint8Array, at: number, width: number): bigint => {
  let value = 0n;
  for (let bit = 0; bit < width; bit++)
    value |= BigInt((bytes[(at + bit) >> 3]! >> ((at + bit) & 7)) & 1) << BigInt(bit);
  return value;
};

/** Reads as the standard has it, a bit at a time. */
const readDeltas = (bytes: Uint8Array): readonly number[] => {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const zigzag = (): bigint => {
    const value = varint();
    return (value >> 1n) ^ -(value & 1n);
  };
  const [block, minis, count] = [Number(varint()), Number(varint()), Number(varint())];
  const values = [zigzag()];
  while (values.length < count) {
    const least = zigzag();
    const widths = bytes.subarray(at, at + minis);
    at += minis;
    for (const width of widths)
      for (let i = 0; i < block / minis && values.length < count; i++) {
        if (i === 0) at += (block / minis / 8) * width;
        const first = 8 * (at - (block / minis / 8) * width);
        values.push(values.at(-1)! + least + bitsAt(bytes, first + i * width, width));
      }
  }
  expect(at).toBe(bytes.length);
  return values.map(Number);
};

test.each(Array.from({ length: 52 }, (_, width) => width))('steps of %d bits, whatever is in them', (width) => {
  const random = new Random(width);
  for (const length of [2, 7, 33, 129, 300]) {
    for (const step of [() => random.unit(), () => random.pick([0, 1 - 2 ** -53])]) {
      // Up and down in turns, so that no value lies beyond the limit.
      const values = [0];
      while (values.length < length) values.push(values.length % 2 === 0 ? 0 : Math.floor(step() * 2 ** width));
      const out = new ByteBuffer();
      writeDeltas(out, Float64Array.from(values), length);
      expect(readDeltas(out.written)).toEqual(values);
    }
  }
});
