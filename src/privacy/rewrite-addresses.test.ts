import { expect, test } from 'vitest';
import { defaultLocalNets } from '../packet/address-set.ts';
import { isLocalBlock } from './address-pseudonyms.ts';
import { rewriteAddresses } from './rewrite-addresses.ts';

/** Local addresses become 9.9.9.x and 9900::x, so that what was found shows. */
const rewrite = (text: string): string =>
  rewriteAddresses(text, (block) => {
    if (!isLocalBlock(defaultLocalNets, block)) return undefined;
    const bytes = block.bytes.slice();
    if (bytes.length === 4) return bytes.fill(9, 0, 3);
    return bytes[10] === 0xff ? bytes.fill(9, 12, 15) : bytes.fill(0, 0, 15).with(0, 0x99);
  });

test.each([
  ['10.0.0.1', '9.9.9.1'],
  ['fd00::1', '9900::1'],
  ['FD00::1', '9900::1'],
  ['fe80::1%eth0', '9900::1%eth0'],
  ['::ffff:10.0.0.1', '::ffff:9.9.9.1'],
  ['10.0.0.1:8080', '9.9.9.1:8080'],
  ['[fd00::1]:443', '[9900::1]:443'],
  [
    '1 . alpn=h2 ipv4hint=10.0.0.1,8.8.8.8,10.0.0.2 ipv6hint=fd00::1,2001:db8::1',
    '1 . alpn=h2 ipv4hint=9.9.9.1,8.8.8.8,9.9.9.2 ipv6hint=9900::1,2001:db8::1',
  ],
  ['TXT 30 v=spf1 ip4:10.0.0.0/8 ip6:fd00::1 -all', 'TXT 30 v=spf1 ip4:9.9.9.0/8 ip6:9900::1 -all'],
  ['http://10.0.0.1/x', 'http://9.9.9.1/x'],
  ['/from/192.168.1.7/to/8.8.8.8.', '/from/9.9.9.7/to/8.8.8.8.'],
  ['ip-10-0-0-1.ec2.internal', 'ip-9-9-9-1.ec2.internal'],
  ['app1.10.0.0.1.nip.io', 'app1.9.9.9.1.nip.io'],
  ['10.0.0.1-10.0.0.9', '9.9.9.1-9.9.9.9'],
  ['010.000.000.001', '9.9.9.1'],
  ['64:ff9b::10.0.0.1', '64:ff9b::9.9.9.1'],
  ['seen fd00::1, and fd00::2.', 'seen 9900::1, and 9900::2.'],
])('%s becomes %s', (text, rewritten) => {
  expect(rewrite(text)).toBe(rewritten);
});

test.each([
  ['1.0.0.10.in-addr.arpa', '1.9.9.9.in-addr.arpa'],
  ['0.0.10.in-addr.arpa', '9.9.9.in-addr.arpa'],
  ['10.in-addr.arpa', '9.in-addr.arpa'],
  ['168.192.in-addr.arpa.', '9.9.in-addr.arpa.'],
  ['192.in-addr.arpa', '9.in-addr.arpa'],
  ['lb._dns-sd._udp.7.0.168.192.in-addr.arpa', 'lb._dns-sd._udp.7.9.9.9.in-addr.arpa'],
  ['5.0-25.2.0.10.in-addr.arpa', '9.9.9.in-addr.arpa'],
  ['1.0.0.10.IN-ADDR.ARPA', '1.9.9.9.IN-ADDR.ARPA'],
  ['1.0.0.10.in-addr.arpa.lan', '1.9.9.9.in-addr.arpa.lan'],
  ['/ptr?q=1.0.0.10.in-addr.arpa&x', '/ptr?q=1.9.9.9.in-addr.arpa&x'],
  ['d.f.ip6.arpa', '9.9.ip6.arpa'],
])('the reverse name %s becomes %s', (text, rewritten) => {
  expect(rewrite(text)).toBe(rewritten);
});

test('a full IPv6 reverse name', () => {
  const name = (first: string): string => `1.${'0.'.repeat(27)}${first}.ip6.arpa`;
  expect(rewrite(name('0.0.d.f'))).toBe(name('0.0.9.9'));
});

// Reversed, 1.0.0.10 would look local; forward, 10.0.0.1.in-addr.arpa is 1.0.0.10.
test.each([
  '',
  'e1.whatsapp.net',
  '8.8.8.8',
  '2001:db8::1',
  '10.0.0.1.in-addr.arpa',
  '10.1.2',
  '10.0.0.256',
  '10.0.0.1234',
  '1234.10.0',
  'fd00:1:2',
  '00:11:22:33:44:55',
  '12:34:56',
  'fd:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01',
  'affd00::1x',
  'TXT 11 2014-02-22T19:00:05Z',
  'example.arpa',
])('%j stands', (text) => {
  expect(rewrite(text)).toBe(text);
});

test.each([
  ['digits', '1.'.repeat(25_000)],
  ['colons', 'a:'.repeat(25_000)],
  ['a name', `${'a'.repeat(50_000)}.arpa`],
  ['labels', `${'1.'.repeat(25_000)}in-addr.arpa`],
  ['dashes', '1-1.'.repeat(12_500)],
])('50,000 characters of %s take time in proportion', (_name, text) => {
  const start = performance.now();
  rewrite(text);
  expect(performance.now() - start).toBeLessThan(3000);
});
