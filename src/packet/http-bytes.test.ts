import { expect, test } from 'vitest';
import { decimalOf, lineEndOf, skipSpace, trimmedEnd } from './http-bytes.ts';

test('a line ends behind its LF, and within the bounds', () => {
  const bytes = Buffer.from('ab\r\nc\n');
  expect([lineEndOf(bytes, 0, 6), lineEndOf(bytes, 4, 6), lineEndOf(bytes, 0, 3), lineEndOf(bytes, 6, 6)]).toEqual([
    4, 6, -1, -1,
  ]);
});

test('a number is digits and nothing else', () => {
  const decimal = (text: string): number => decimalOf(Buffer.from(`9${text}9`), 1, 1 + text.length);
  expect(['0', '200', '007', '123456789012345'].map(decimal)).toEqual([0, 200, 7, 123_456_789_012_345]);
  for (const text of ['', '-5', '5 ', '5, 5', '0x5', '1234567890123456']) expect(decimal(text)).toBeNaN();
});

test('white space of Latin-1 does not count at either end', () => {
  const bytes = Buffer.from(' \t\xa0a b\r\n', 'latin1');
  expect([skipSpace(bytes, 0, 8), trimmedEnd(bytes, 0, 8)]).toEqual([3, 6]);
  expect([skipSpace(bytes, 0, 2), trimmedEnd(bytes, 1, 3)]).toEqual([2, 1]);
});
