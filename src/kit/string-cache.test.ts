import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StringCache } from './string-cache.ts';

test('bytes give their text, whatever came before', () => {
  const cache = new StringCache();
  const length = fc.constantFrom(0, 1, 2, 63, 64, 65, 200);
  const bytes = length.chain((n) => fc.uint8Array({ minLength: n, maxLength: n, max: 3 }));
  fc.assert(
    fc.property(bytes, (each) => {
      const buffer = Buffer.from(each);
      expect(cache.latin1(buffer, each.length)).toBe(buffer.toString('latin1'));
    }),
    { numRuns: 2000 },
  );
});

test('more texts than it holds push each other out, and are made again', () => {
  const cache = new StringCache();
  for (let i = 0; i < 20_000; i++) {
    const text = `host${i % 7000}.example`;
    expect(cache.latin1(Buffer.from(text), text.length)).toBe(text);
  }
});
