import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tlsRecords } from './payload.ts';

/** Content lengths of a chain of application data records; undefined if it is none. */
const recordSizes = (bytes: Uint8Array): number[] | undefined => {
  const sizes: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== 0x17 || bytes[at + 1] !== 3 || bytes[at + 2] !== 3) return undefined;
    const size = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    sizes.push(size);
    at += 5 + size;
  }
  return at === bytes.length ? sizes : undefined;
};

test('TLS records are whole, whatever the length and however it is cut', () => {
  const length = fc.oneof(fc.integer({ min: 6, max: 70_000 }), fc.integer({ min: 16_380, max: 16_400 }));
  fc.assert(
    fc.property(length, fc.integer({ min: 1, max: 1400 }), (wanted, segment) => {
      const payload = tlsRecords(wanted);
      const bytes = new Uint8Array(payload.length);
      for (let at = 0; at < bytes.length; at += segment) {
        payload.fill(bytes, at, at, Math.min(segment, bytes.length - at));
      }
      const sizes = recordSizes(bytes);
      expect(sizes?.every((size) => size > 0 && size <= 16_384)).toBe(true);
      expect(payload.length - wanted).toBeLessThanOrEqual(5);
    }),
    { numRuns: 100 },
  );
});
