import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from './address.ts';

test.each([
  '0.0.0.0',
  '255.255.255.255',
  '::',
  '::1',
  '2001:db8::1',
  '2001:db8:0:1:1:1:1:1',
  '2001:0:0:1::1',
  '2001:db8::1:0:0:1',
  '::ffff:192.0.2.1',
  'fe80::217:f2ff:fed7:cf65',
])('%s is canonical and comes back as it went in', (text) => {
  expect(formatAddress(parseAddress(text)!)).toBe(text);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  'g::',
  '12345::',
  '1.2.3.4::',
  '1.2.3.4::1',
  ':1::',
  '1::2:',
  '1:2:3:4:5:6:7:1.2.3.4',
  '::1.2.3',
  '1:2:3:4:5:6:7:8::',
])('%s is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test('agrees with ipaddr.js on any 16 bytes, with runs of zeros', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 65535 })), { minLength: 8, maxLength: 8 }),
      (groups) => {
        const bytes = Uint8Array.from(groups.flatMap((g) => [g >> 8, g & 255]));
        const mine = formatAddress(bytes);
        expect([...parseAddress(mine)!]).toEqual([...bytes]);
        if (!mine.includes('.')) expect(mine).toBe((ipaddr.fromByteArray([...bytes]) as ipaddr.IPv6).toRFC5952String());
      },
    ),
  );
});
