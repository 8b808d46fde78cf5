import { expect, test } from 'vitest';
import { formatPrefix } from '../packet/prefix.ts';
import { formatReverseName, parseReverseName } from './reverse-name.ts';

const nibbles = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2';

test.each([
  ['4.3.2.1.in-addr.arpa', '1.2.3.4/32', ''],
  ['3.2.1.in-addr.arpa', '1.2.3.0/24', ''],
  ['1.in-addr.arpa', '1.0.0.0/8', ''],
  ['b._dns-sd._udp.0.1.168.192.in-addr.arpa', '192.168.1.0/32', 'b._dns-sd._udp.'],
  ['5.0-25.2.0.192.in-addr.arpa', '192.0.2.0/24', '5.0-25.'],
  ['9.4.3.2.1.in-addr.arpa', '1.2.3.4/32', '9.'],
  ['300.2.1.in-addr.arpa', '1.2.0.0/16', '300.'],
  [`${nibbles}.ip6.arpa`, '2001:db8::1/128', ''],
  [`${nibbles}.ip6.int`, '2001:db8::1/128', ''],
  ['d.0.1.0.0.2.ip6.arpa', '2001:d00::/24', ''],
])('%s is %s', (name, block, before) => {
  const parsed = parseReverseName(name)!;
  expect([formatPrefix(parsed.prefix), parsed.before]).toEqual([block, before]);
  expect(formatReverseName(parsed)).toBe(name);
});

test.each(['in-addr.arpa', 'example.in-addr.arpa', '4.3.2.1.example', 'x4.in-addr.arpa', '.ip6.arpa', ''])(
  '%j names no block',
  (name) => {
    expect(parseReverseName(name)).toBeUndefined();
  },
);
