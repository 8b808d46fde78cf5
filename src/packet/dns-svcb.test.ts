import { expect, test } from 'vitest';
import { decodeSvcb, formatSvcb, hasEch } from './dns-svcb.ts';

const read = (hex: string): { readonly text: string | undefined; readonly ech: boolean } => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const svcb = decodeSvcb(bytes, 0, 0, bytes.length);
  return { text: svcb && formatSvcb(bytes, svcb), ech: svcb !== undefined && hasEch(svcb) };
};

const fooExampleCom = '03666f6f 07657861 6d706c65 03636f6d 00';
const fooExampleOrg = '03666f6f 07657861 6d706c65 036f7267 00';

// The test vectors of RFC 9460 appendix D.
test.each([
  [`0000 ${fooExampleCom}`, '0 foo.example.com'],
  ['0001 00', '1 .'],
  [`0010 ${fooExampleCom} 0003 0002 0035`, '16 foo.example.com port=53'],
  [`0001 ${fooExampleCom} 029b 0005 68656c6c6f`, '1 foo.example.com key667=hello'],
  [`0001 ${fooExampleCom} 029b 0009 68656c6c6fd2716f6f`, '1 foo.example.com key667=hello\\210qoo'],
  [
    `0001 ${fooExampleCom} 0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001`,
    '1 foo.example.com ipv6hint=2001:db8::1,2001:db8::53:1',
  ],
  [
    '0001 07657861 6d706c65 03636f6d 00 0006 0010 20010db8 0122034400000000c0000221',
    '1 example.com ipv6hint=2001:db8:122:344::c000:221',
  ],
  [
    `0010 ${fooExampleOrg} 0000 0004 0001 0004 0001 0009 02683205 68332d3139 0004 0004 c0000201`,
    '16 foo.example.org mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint=192.0.2.1',
  ],
  [`0010 ${fooExampleOrg} 0001 000c 08665c6f6f2c6261720268 32`, '16 foo.example.org alpn=f\\\\oo\\,bar,h2'],
])('%s is %s', (hex, text) => {
  expect(read(hex)).toEqual({ text, ech: false });
});

test('an ECH configuration is told, in base64', () => {
  expect(read('0001 00 0002 0000 0005 0004 00010203')).toEqual({ text: '1 . no-default-alpn ech=AAECAw==', ech: true });
});

test.each([
  ['no target', '0001'],
  ['a cut target', '0001 0566 6f6f'],
  ['a cut parameter', '0001 00 0003 00'],
  ['a cut value', '0001 00 0003 0002 01'],
  ['a port of three bytes', '0001 00 0003 0003 010203'],
  ['half an address', '0001 00 0004 0002 c000'],
  ['a cut protocol', '0001 00 0001 0003 05 6832'],
])('%s is malformed', (_, hex) => {
  expect(read(hex).text).toBeUndefined();
});
