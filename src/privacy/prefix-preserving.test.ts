import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../packet/address.ts';
import { commonPrefixLength } from '../packet/prefix.ts';
import { prefixPreserving } from './prefix-preserving.ts';

// Key and addresses of the sample that comes with the authors' implementation.
const sampleKey = Uint8Array.of(
  ...[21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16],
  ...[216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2],
);
const pseudonymOf = prefixPreserving(sampleKey);

test.each([
  ['128.11.68.132', '135.242.180.132'],
  ['129.118.74.4', '134.136.186.123'],
  ['130.132.252.244', '133.68.164.234'],
  ['141.223.7.43', '141.167.8.160'],
  ['141.233.145.108', '141.129.237.235'],
])('%s becomes %s under the published key', (address, pseudonym) => {
  expect(formatAddress(pseudonymOf(parseAddress(address)!))).toBe(pseudonym);
});

test.each([4, 16])('two addresses of %i bytes share as many leading bits after as before', (length) => {
  const addresses = fc.uint8Array({ minLength: length, maxLength: length });
  const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(keys, addresses, addresses, fc.nat(8 * length - 1), (key, a, other, shared) => {
      const map = prefixPreserving(key);
      const b = a.slice();
      b.set(other.subarray(shared >> 3), shared >> 3);
      expect(commonPrefixLength(map(a), map(b))).toBe(commonPrefixLength(a, b));
      expect(map(a)).toEqual(map(a.slice()));
    }),
  );
});

test('the families do not disturb each other', () => {
  const fresh = prefixPreserving(sampleKey);
  const ipv6 = parseAddress('2001:db8::1')!;
  const expected = fresh(ipv6);
  expect(formatAddress(pseudonymOf(parseAddress('128.11.68.132')!))).toBe('135.242.180.132');
  expect(pseudonymOf(ipv6)).toEqual(expected);
  expect(formatAddress(pseudonymOf(parseAddress('128.11.68.132')!))).toBe('135.242.180.132');
});

test('bit for bit as the definition says, with one cipher call a bit', async () => {
  const { createCipheriv } = await import('node:crypto');
  const encrypt = (block: Uint8Array): Uint8Array =>
    createCipheriv('aes-128-ecb', sampleKey.subarray(0, 16), null).update(block);
  const bitsOf = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(2).padStart(8, '0')).join('');
  const pad = bitsOf(encrypt(sampleKey.subarray(16)));
  const address = parseAddress('2a03:2880:f10d:83:face:b00c:0:25de')!;
  const bits = bitsOf(address);
  const flipped = [...bits].map((bit, i) => {
    const block = bits.slice(0, i) + pad.slice(i);
    const bytes = Uint8Array.from({ length: 16 }, (_, j) => Number.parseInt(block.slice(8 * j, 8 * j + 8), 2));
    return Number(bit) ^ (encrypt(bytes)[0]! >> 7);
  });
  expect(bitsOf(pseudonymOf(address))).toBe(flipped.join(''));
});
