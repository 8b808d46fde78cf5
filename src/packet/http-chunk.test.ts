import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunkSizeOf } from './http-chunk.ts';

const sizeOf = (text: string): number => {
  const bytes = Buffer.from(`9${text}9`, 'latin1');
  return chunkSizeOf(bytes, 1, bytes.length - 1);
};

test.each([
  ['0\r\n', 0],
  ['1aF\r\n', 0x1af],
  ['10\n', 16],
  ['0005 \r\n', 5],
  ['5;name=value\r\n', 5],
  ['fffffffffffff\r\n', 2 ** 52 - 1],
])('%j', (line, size) => {
  expect(sizeOf(line)).toBe(size);
});

test.each(['', '\r\n', '5', 'g\r\n', '-5\r\n', ' 5\r\n', '5x\r\n', '10000000000000\r\n', `${'f'.repeat(400)}\r\n`])(
  '%j is none',
  (line) => {
    expect(sizeOf(line)).toBeNaN();
  },
);

test('sizes come back as they were written, in either case', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (n) => {
      const size = n % 2 ** 52;
      expect(sizeOf(`${size.toString(16)}\r\n`)).toBe(size);
      expect(sizeOf(`${size.toString(16).toUpperCase()}\n`)).toBe(size);
    }),
  );
});
