import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commonPrefixLength, formatPrefix, parsePrefix, prefixesOverlap, toPrefix } from './prefix.ts';

const addresses = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
);
const bits = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');

test.each(['0.0.0.0/0', '10.0.0.0/8', '192.0.2.128/25', '192.0.2.1/32', '::/0', 'fc00::/7', '2001:db8::1/128'])(
  '%s comes back as it went in',
  (text) => {
    expect(formatPrefix(parsePrefix(text)!)).toBe(text);
  },
);

test('an address alone is the block of its own', () => {
  expect(parsePrefix('192.0.2.1')).toEqual({ bytes: Uint8Array.of(192, 0, 2, 1), length: 32 });
  expect(parsePrefix('::1')!.length).toBe(128);
});

test.each(['', '/8', '10.0.0.0/', '10.0.0.0/33', '::/129', '10.0.0.1/8', '10.0.0.0/08', '10.0.0.0/8/8', 'x/8'])(
  '%s is no block',
  (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  },
);

test('a block keeps the leading bits of the address and clears the rest', () => {
  fc.assert(
    fc.property(addresses, fc.nat(128), (address, any) => {
      const length = any % (8 * address.length + 1);
      expect(bits(toPrefix(address, length).bytes)).toBe(
        bits(address)
          .slice(0, length)
          .padEnd(8 * address.length, '0'),
      );
    }),
  );
});

test('the common prefix is that of the bits, and blocks overlap if it covers the shorter one', () => {
  fc.assert(
    fc.property(addresses, fc.nat(128), fc.nat(128), fc.nat(128), (address, flipped, a, b) => {
      const width = 8 * address.length;
      const other = address.slice();
      other[(flipped % width) >> 3]! ^= 0x80 >> (flipped & 7);
      expect(commonPrefixLength(address, other)).toBe(flipped % width);
      expect(commonPrefixLength(address, address)).toBe(width);
      expect(prefixesOverlap(toPrefix(address, a % width), toPrefix(other, b % width))).toBe(
        flipped % width >= Math.min(a % width, b % width),
      );
    }),
  );
});
