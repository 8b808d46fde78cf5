import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeState, encodeState } from './checkpoint-codec.ts';

const roundTrip = (state: unknown): unknown => {
  const { skeleton, large } = encodeState(state);
  // As if read from a file: other memory, cut to size.
  return decodeState({ skeleton: skeleton.slice(), large: large.map((bytes) => bytes.slice().buffer as ArrayBuffer) });
};

test('what states are made of comes back as it was, at any nesting', () => {
  const state = {
    words: new Int32Array([1, -2, 3]),
    times: new Float64Array([Number.NaN, Number.NEGATIVE_INFINITY, 0.1]),
    bytes: new Uint8Array([255]),
    flags: new Int8Array([-1]),
    unsigned: new Uint32Array([2 ** 32 - 1]),
    map: new Map([[7, { names: new Int32Array([4]), missing: undefined }]]),
    set: new Set(['a', 'b']),
    list: [['é', new Uint8Array(0)], null, true],
  };
  expect(roundTrip(state)).toEqual(state);
});

test('arrays of any size and place in their buffer come back, large ones without a copy on the way out', () => {
  fc.assert(
    fc.property(fc.nat(20_000), fc.nat(3), (length, offset) => {
      const memory = new Int32Array(length + offset).map((_, i) => Math.imul(i, 0x9e3779b1));
      const array = memory.subarray(offset);
      expect(roundTrip([array, 'behind'])).toEqual([array, 'behind']);
      const { large } = encodeState({ array });
      expect(large.map(({ buffer }) => buffer)).toEqual(array.byteLength < 4096 ? [] : [memory.buffer]);
    }),
    { numRuns: 50 },
  );
});

test('an array of a kind that no state has is a bug', () => {
  expect(() => encodeState({ at: new BigInt64Array(1) })).toThrow('BigInt64Array');
});
