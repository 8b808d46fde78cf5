import { expect, test } from 'vitest';
import { escapeBytes } from './escape-bytes.ts';

const bytes = Buffer.from([0x00, 0x20, 0x21, 0x2c, 0x5c, 0x7e, 0x7f, 0xff]);

test('printable ASCII stays, the rest is told by number', () => {
  expect(escapeBytes(bytes, 0, 8)).toBe('\\000\\032!,\\\\~\\127\\255');
  expect(escapeBytes(bytes, 2, 4)).toBe('!,');
});

test('spaces may stay, other characters may need a backslash', () => {
  expect(escapeBytes(bytes, 0, 8, { special: ',\\', keepSpaces: true })).toBe('\\000 !\\,\\\\~\\127\\255');
});
