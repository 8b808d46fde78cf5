import { expect, test } from 'vitest';
import { Interner } from '../kit/interner.ts';
import { internUtf8, toLatin1, toUtf8 } from './utf8-text.ts';

const interner = new Interner();

const interned = (bytes: Uint8Array, start: number, end: number): string =>
  interner.text(internUtf8(bytes, start, end, interner));

test.each(['', '/index.html', 'Sönde', `long ${'x'.repeat(300)}`, 'x'.repeat(256)])('%j', (text) => {
  const bytes = Buffer.from(`«${text}»`).subarray(1);
  const end = bytes.length - 2;
  expect(toUtf8(bytes, 1, end)).toBe(text);
  expect(interned(bytes, 1, end)).toBe(text);
  expect(internUtf8(bytes, 1, end, interner)).toBe(interner.code(text));
  expect(toLatin1(bytes, 1, end)).toBe(Buffer.from(text).toString('latin1'));
});

test('what is not UTF-8 is shown as such', () => {
  expect(interned(Buffer.from('a\xffb', 'latin1'), 0, 3)).toBe('a\ufffdb');
});

test.each([
  ['Text/HTML', 'text/html'],
  ['TEXT/É', 'text/é'],
])('%j in lower case is %j', (text, lower) => {
  const bytes = Buffer.from(text);
  expect(interner.text(internUtf8(bytes, 0, bytes.length, interner, true))).toBe(lower);
});
