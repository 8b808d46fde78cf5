import { expect, test } from 'vitest';
import { hostText } from './host-text.ts';

const read = (text: string): string => hostText(Buffer.from(text, 'latin1'), 0, text.length);

test.each([
  ['WEB.WhatsApp.com', 'web.whatsapp.com'],
  ['web.whatsapp.com.', 'web.whatsapp.com'],
  ['192.0.2.1', '192.0.2.1'],
  ['a b\\c\0\xff', 'a\\032b\\\\c\\000\\255'],
  ['', ''],
  ['.', ''],
  ['a'.repeat(255), 'a'.repeat(255)],
  ['a'.repeat(256), ''],
])('%j is %j', (bytes, text) => {
  expect(read(bytes)).toBe(text);
});
