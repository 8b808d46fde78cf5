import { expect, test } from 'vitest';
import { normaliseName } from './name.ts';

test.each([
  ['e13.whatsapp.net', 'e13.whatsapp.net'],
  ['E13.WhatsApp.NET', 'e13.whatsapp.net'],
  ['g.whatsapp.net.', 'g.whatsapp.net'],
  ['Bücher.Example', 'xn--bcher-kva.example'],
  ['испытание.испытание', 'xn--80akhbyknj4f.xn--80akhbyknj4f'],
  ['_dns.resolver.arpa', '_dns.resolver.arpa'],
  // Plain ASCII never goes through IDNA, which would read this as an address.
  ['0x7f.1', '0x7f.1'],
  ['', ''],
  ['.', ''],
  ['a\u0000ü.net', ''],
  [`${'a'.repeat(252)}.`, 'a'.repeat(252)],
  ['a'.repeat(254), ''],
  ['ü'.repeat(253), ''],
  ['a'.repeat(1_000_000), ''],
])('%s', (name, expected) => {
  expect(normaliseName(name)).toBe(expected);
});
