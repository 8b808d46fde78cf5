import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from './address.ts';
import { defaultLocalNets, parseNets } from './address-set.ts';
import { parsePrefix } from './prefix.ts';

const isLocal = (text: string): boolean => defaultLocalNets.contains(parseAddress(text)!);

test.each([
  '10.0.0.0',
  '10.255.255.255',
  '172.16.0.0',
  '172.31.255.255',
  '192.168.0.0',
  '192.168.255.255',
  '100.64.0.0',
  '100.127.255.255',
  '169.254.0.1',
  'fc00::',
  'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  'fe80::1',
  'febf::1',
  '::ffff:10.0.0.1',
])('%s is local by default', (text) => {
  expect(isLocal(text)).toBe(true);
});

test.each([
  '9.255.255.255',
  '11.0.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '127.0.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  'fbff::',
  'fe00::',
  'fec0::1',
  '::1',
  '::a00:1',
  '::ffff:11.0.0.1',
  '2001:db8::1',
])('%s is not', (text) => {
  expect(isLocal(text)).toBe(false);
});

test('agrees with ipaddr.js on random blocks and addresses, wherever the bytes stand', () => {
  const address = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => bytes.with(0, 0x20)),
  );
  fc.assert(
    fc.property(address, address, fc.nat(128), fc.nat(128), (net, random, length, shared) => {
      const width = 8 * net.length;
      const text = ipaddr.parse(formatAddress(net)).kind();
      const network = (text === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(
        `${formatAddress(net)}/${length % (width + 1)}`,
      );
      const set = parseNets(['198.51.100.0/24', `${network.toString()}/${length % (width + 1)}`]);
      // An address that shares some bits with the net hits its edge more often than a random one.
      const near = net.slice();
      near[(shared % width) >> 3]! ^= 0x80 >> (shared & 7);
      for (const candidate of [random, near, net]) {
        const parsed = ipaddr.fromByteArray([...candidate]);
        const inside =
          (parsed.kind() === network.kind() && parsed.match(network as never, length % (width + 1))) ||
          (parsed.kind() === 'ipv4' && parsed.match(ipaddr.IPv4.parse('198.51.100.0'), 24));
        expect(set.contains(candidate)).toBe(inside);
        expect(set.contains(Uint8Array.from([1, 2, ...candidate, 3]), 2, candidate.length)).toBe(inside);
        if (candidate.length === 4) {
          const word = new DataView(candidate.buffer, candidate.byteOffset).getUint32(0);
          expect([set.containsIpv4(word), set.containsIpv4(word | 0)]).toEqual([inside, inside]);
        }
      }
    }),
  );
});

test('a block overlaps the set if either holds the other', () => {
  const set = parseNets(['192.0.2.64/26', '2001:db8:1::/48']);
  const overlaps = (text: string): boolean => set.overlaps(parsePrefix(text)!);
  expect(['192.0.2.0/24', '192.0.2.64/26', '192.0.2.65', '0.0.0.0/0', '2001:db8::/32'].map(overlaps)).toEqual(
    Array(5).fill(true),
  );
  expect(['192.0.2.0/26', '192.0.2.128', '2001:db8:2::/48', 'fc00::/7'].map(overlaps)).toEqual(Array(4).fill(false));
});

test('the whole of a family can be a net, and none at all', () => {
  expect(parseNets(['0.0.0.0/0']).containsIpv4(-1)).toBe(true);
  expect(parseNets(['0.0.0.0/0']).contains(parseAddress('2001:db8::1')!)).toBe(false);
  expect(parseNets([]).containsIpv4(0)).toBe(false);
});

test('a slip in a net is an error that shows it', () => {
  expect(() => parseNets(['10.0.0.0/8', '10.0.0.1/8'])).toThrowError(
    expect.objectContaining({ code: 'SONDE_USAGE', fields: { net: '10.0.0.1/8' } }),
  );
});
