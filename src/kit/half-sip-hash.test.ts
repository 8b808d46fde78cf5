import { expect, test } from 'vitest';
import { HalfSipHash } from './half-sip-hash.ts';

// The reference vectors (key 00..07, message 00 01 02 ...) for the lengths that are whole words.
test('HalfSipHash-2-4 equals the published 32-bit vectors', () => {
  const hash = new HalfSipHash(Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]));
  const digestOf = (words: number): string => {
    for (let i = 0; i < words; i++) {
      const at = 4 * i;
      hash.add(at | ((at + 1) << 8) | ((at + 2) << 16) | ((at + 3) << 24));
    }
    const digest = hash.digest();
    return [0, 8, 16, 24].map((n) => ((digest >>> n) & 0xff).toString(16).padStart(2, '0')).join(' ');
  };
  expect(digestOf(0)).toBe('a9 35 9f 5b');
  expect(digestOf(1)).toBe('2a 6e 46 89');
});
