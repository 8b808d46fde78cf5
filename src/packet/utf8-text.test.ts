import { expect, test } from 'vitest';
import { toLatin1, toUtf8, utf8Text } from './utf8-text.ts';

test.each(['', '/index.html', 'Sönde', `long ${'x'.repeat(300)}`, 'x'.repeat(256)])('%j', (text) => {
  const bytes = Buffer.from(`«${text}»`).subarray(1);
  const end = bytes.length - 2;
  expect(toUtf8(bytes, 1, end)).toBe(text);
  expect(utf8Text(bytes, 1, end)).toBe(text);
  expect(toLatin1(bytes, 1, end)).toBe(Buffer.from(text).toString('latin1'));
});

test('what is not UTF-8 is shown as such', () => {
  expect(utf8Text(Buffer.from('a\xffb', 'latin1'), 0, 3)).toBe('a\ufffdb');
});
