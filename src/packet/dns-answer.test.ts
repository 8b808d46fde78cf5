import { expect, test } from 'vitest';
import { formatAnswer } from './dns-answer.ts';

const name = '0161 02626300';
const format = (type: number, hex: string): string => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return formatAnswer(type, bytes, 0, 0, bytes.length);
};

test.each([
  ['A', 1, 'c0000201', '192.0.2.1'],
  ['AAAA', 28, '20010db8000000000000000000000001', '2001:db8::1'],
  ['NS', 2, name, 'a.bc'],
  ['PTR', 12, name, 'a.bc'],
  ['DNAME', 39, name, 'a.bc'],
  ['SOA: the primary server', 6, `${name} 00 00000001 00000002 00000003 00000004 00000005`, 'a.bc'],
  ['MX: the exchange', 15, `000a ${name}`, 'a.bc'],
  ['MX of a domain without mail (RFC 7505)', 15, '0000 00', '.'],
  ['SRV: the target', 33, `0001 0002 1466 ${name}`, 'a.bc'],
  ['TXT', 16, '0568656c6c6f', 'TXT 5 hello'],
  ['TXT of several strings', 16, '0568656c6c6f 00 0261 22', 'TXT 5 hello TXT 0  TXT 2 a"'],
  ['TXT with bytes and a backslash', 16, '0500205c7fff', 'TXT 5 \\000 \\\\\\127\\255'],
  ['SPF', 99, '0568656c6c6f', 'SPF 5 hello'],
  ['RRSIG: type covered and signer', 46, `0001 05 02 00000e10 00000000 00000000 1234 ${name}`, 'RRSIG 1 a.bc'],
  ['HTTPS', 65, '0001 00 0001 0003 026832', '1 . alpn=h2'],
])('%s', (_, type, hex, text) => {
  expect(format(type, hex)).toBe(text);
});

test.each([
  ['an unknown type', 65280, '0a000001', 'TYPE65280 \\# 4 0a000001'],
  ['no data', 1, '', 'TYPE1 \\# 0'],
  ['an address of three bytes', 1, 'c00002', 'TYPE1 \\# 3 c00002'],
  ['a name that runs out of its record', 2, '0561', 'TYPE2 \\# 2 0561'],
  ['a string that runs out of its record', 16, '0561', 'TYPE16 \\# 2 0561'],
  ['a record too short for its name', 15, '00', 'TYPE15 \\# 1 00'],
  ['malformed parameters', 65, '0001 00 0003 0001 01', 'TYPE65 \\# 8 0001000003000101'],
])('%s is told in hex', (_, type, hex, text) => {
  expect(format(type, hex)).toBe(text);
});

test('hex stops after 64 bytes', () => {
  expect(format(65280, 'ab'.repeat(100))).toBe(`TYPE65280 \\# 100 ${'ab'.repeat(64)}`);
});

test('names in the data are read with the message around it, not past the record', () => {
  const bytes = Buffer.from('0161 00 c000 0362'.replaceAll(' ', ''), 'hex');
  expect(formatAnswer(5, bytes, 0, 3, 5)).toBe('a');
  expect(formatAnswer(5, bytes, 0, 3, 4)).toBe('TYPE5 \\# 1 c0');
});
