import { expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
import { PACKED, pack } from './pack.ts';

/** Bit after bit, as the standard says it. */
const packedBits = (values: readonly number[], width: number): readonly number[] => {
  const bytes = Array<number>((values.length * width) / 8).fill(0);
  for (const [i, value] of values.entries())
    for (let bit = 0; bit < width; bit++) {
      const at = i * width + bit;
      bytes[at >> 3]! |= ((value >>> bit) & 1) << (at & 7);
    }
  return bytes;
};

test.each(Array.from({ length: 32 }, (_, i) => i + 1))('values of %d bits, whatever is in them', (width) => {
  const random = new Random(width);
  const greatest = 2 ** width - 1;
  for (const make of [
    () => greatest,
    () => 0,
    () => (random.word() & greatest) >>> 0,
    () => random.pick([0, greatest]),
  ]) {
    const values = Array.from({ length: PACKED }, make);
    const bytes = new Uint8Array(2 + 4 * 32).fill(0xa5);
    const at = pack(new DataView(bytes.buffer), 1, Int32Array.from([7, ...values]), 1, width);
    expect(at).toBe(1 + 4 * width);
    expect([...bytes.subarray(1, at)]).toEqual(packedBits(values, width));
    expect(bytes[0]).toBe(0xa5);
    expect(bytes[at]).toBe(0xa5);
  }
});
