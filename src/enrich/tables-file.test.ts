import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AddressTables } from './address-tables.ts';
import { decodeTables, encodeTables } from './tables-file.ts';

const tables: AddressTables = {
  ipv4: {
    systems: { starts: Uint32Array.of(0, 5, 0xffffffff), values: Uint32Array.of(0, 1, 0) },
    countries: { starts: Uint32Array.of(0), values: Uint32Array.of(0x4154) },
  },
  ipv6: {
    systems: { starts: Uint32Array.of(0, 0, 0, 0, 1, 2, 3, 4), values: Uint32Array.of(0, 1) },
    countries: { starts: Uint32Array.of(0, 0, 0, 0), values: Uint32Array.of(0) },
  },
  asns: Uint32Array.of(0, 64496),
  orgEnds: Uint32Array.of(0, 5),
  orgText: new TextEncoder().encode('Größe'.slice(0, 3)),
};

test('what was written is read back, wherever the bytes stand', () => {
  const bytes = encodeTables(tables);
  expect(decodeTables(bytes)).toEqual(tables);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(decodeTables(shifted.subarray(1))).toEqual(tables);
});

test('any flipped bit and any cut is noticed', () => {
  const bytes = encodeTables(tables);
  fc.assert(
    fc.property(fc.nat(8 * bytes.length - 1), (bit) => {
      const damaged = bytes.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodeTables(damaged)).toBeUndefined();
    }),
  );
  for (let length = 0; length < bytes.length; length++) expect(decodeTables(bytes.slice(0, length))).toBeUndefined();
});
