import { describe, expect, test } from 'vitest';
import { formatIpv4, formatIpv6, wordAt } from './address.ts';
import { LinkType } from './frame-sink.ts';
import {
  ethernet,
  expectedTcp,
  expectedUdp,
  field,
  hex,
  ipv4,
  ipv4Tcp,
  ipv6,
  ipv6Addresses,
  ipv6Udp,
  read,
  tunnels,
  udp,
} from './layers.test-helper.ts';
import { Layers } from './layers.ts';

const raw = (packet: string, captured?: number) => read(hex(packet), LinkType.RAW, undefined, captured);

test.each(tunnels)('%s: the packet inside counts', (_, tunnel, packet) => {
  const told = raw(packet);
  const expected = packet.endsWith(ipv4Tcp) ? expectedTcp : expectedUdp;
  // A client of Teredo has an address of its own.
  const from = tunnel === 'teredo' ? '2001:0:4137:9e76:201a:3f51:3afd:573e 5000' : expected.from;
  expect(told).toEqual({ ...expected, from, tunnel });
});

test.each(tunnels)('%s: cut inside, the outer packet stands', (_, tunnel, packet) => {
  const whole = hex(packet).length;
  // Up to the payload of the innermost packet, some packet around it is told of.
  for (let captured = 48; captured < whole - 3; captured++) {
    const told = raw(packet, captured);
    if (typeof told === 'string') expect(told).toMatch(/truncated$/);
    else expect(told.tunnel.length).toBeLessThan(tunnel.length);
  }
  expect(raw(packet, whole - 3)).toMatchObject({ tunnel, payload: '', payloadBytes: 3 });
});

describe('what only looks like a tunnel stays what it is', () => {
  const outer = { from: '10.0.0.1 40000', tunnel: '', vlan: -1 };
  const vxlan = (head: string, inside: string) => ipv4(17, udp(40_000, 4789, `${head} ${inside}`));
  const gtp = (head: string, inside: string) => ipv4(17, udp(40_000, 2152, `${head} ${inside}`));
  const inner = `${ethernet} 0800 ${ipv4Tcp}`;
  const noNext = `60000000 0008 3b40 ${ipv6Addresses} 0000000000000000`;
  const teredoBubble = `60000000 0000 3b40 ${ipv6Addresses}`;
  test.each([
    ['VXLAN without its flag', vxlan('00000000 00007b00', inner)],
    ['VXLAN with a reserved byte set', vxlan('08000000 00007b01', inner)],
    ['VXLAN around what is no IP', vxlan('08000000 00007b00', `${ethernet} 0806 0001080006040001`)],
    ['VXLAN around a cut packet', vxlan('08000000 00007b00', `${ethernet} 8100 0005 0800 44`)],
    [
      'VXLAN around a TCP header that ends too soon',
      vxlan('08000000 00007b00', `${ethernet} 0800 4500 0024 ${ipv4Tcp.slice(9, 90)}`),
    ],
    ['GENEVE of version 1', ipv4(17, udp(40_000, 6081, `4000 6558 00007b00 ${inner}`))],
    ['GENEVE to the ends of the tunnel', ipv4(17, udp(40_000, 6081, `0080 6558 00007b00 ${inner}`))],
    ['GENEVE with options beyond its end', ipv4(17, udp(40_000, 6081, `3f00 0800 00007b00 ${ipv4Tcp}`))],
    ['an echo of GTP', gtp('3201 0004 00000000', '0001 00 00')],
    ['GTP of version 2', gtp('50ff 002b 00000001', ipv4Tcp)],
    ["GTP'", gtp('20ff 002b 00000001', ipv4Tcp)],
    ['GTP longer than its packet', gtp('30ff 002c 00000001', ipv4Tcp)],
    ['GTP shorter than what it holds', gtp('30ff 002a 00000001', ipv4Tcp)],
    ['GTP around no version of IP', gtp('30ff 002b 00000001', ipv4Tcp.replace('45', '55'))],
    ['GTP around IPv4 longer than there is', gtp('30ff 002b 00000001', ipv4Tcp.replace('002b', '002c'))],
    ['GTP around IPv4 without a length', gtp('30ff 002b 00000001', ipv4Tcp.replace('002b', '0000'))],
    ['GTP around IPv4 with a header that cannot be', gtp('30ff 002b 00000001', ipv4Tcp.replace('45', '44'))],
    ['GTP around IPv6 longer than there is', gtp('30ff 0033 00000001', ipv6Udp.replace('000b', '000c'))],
    [
      'GTP with an extension header without length',
      gtp('34ff 0033 00000001 0000 00 85', `00 ${'00'.repeat(3)} ${ipv4Tcp}`),
    ],
    [
      'GTP with extension headers without end',
      gtp(`34ff ${field(4 + 17 * 4 + 43)} 00000001 0000 00 85`, `${'01000085'.repeat(17)} ${ipv4Tcp}`),
    ],
    ['GTP with options beyond its end', gtp('32ff 0003 00000001', '000100')],
    ['Teredo without content', ipv4(17, udp(40_000, 3544, teredoBubble))],
    ['Teredo without a next header', ipv4(17, udp(40_000, 3544, noNext))],
    ['Teredo cut in its authentication', ipv4(17, udp(40_000, 3544, '0001 ffff 01'))],
    ['IPv6 at other ports that is of no Teredo client', ipv4(17, udp(40_000, 40_001, ipv6Udp))],
    [
      'IPv6 at other ports that is shorter than UDP',
      ipv4(17, udp(40_000, 40_001, `${ipv6Udp.replace('20010db8', '20010000')} 00`)),
    ],
    ['CAPWAP that is encrypted', ipv4(17, udp(40_000, 5247, `01 10 0200 00000000 ${inner}`))],
    ['a fragment of CAPWAP', ipv4(17, udp(40_000, 5247, `00 10 0280 00000000 ${inner}`))],
    [
      'CAPWAP around protected 802.11',
      ipv4(
        17,
        udp(40_000, 5247, `00 10 0300 00000000 0841 0000 ${'02'.repeat(18)} 1000 aaaa03 000000 0800 ${ipv4Tcp}`),
      ),
    ],
    ['CAPWAP of another radio', ipv4(17, udp(40_000, 5247, `00 10 0500 00000000 ${inner}`))],
  ])('%s', (_, packet) => {
    expect(raw(packet)).toMatchObject({ ...outer, protocol: 17, ipBytes: hex(packet).length });
  });

  test.each([
    ['GRE with routing', ipv4(47, `4000 0800 00000000 ${ipv4Tcp}`)],
    ['GRE of version 2', ipv4(47, `0002 0800 ${ipv4Tcp}`)],
    ['GRE that keeps alive', ipv4(47, '0000 0000')],
    ['GRE around another protocol', ipv4(47, `0000 883e 00000000 ${ipv4Tcp}`)],
    ['an acknowledgement of PPTP', ipv4(47, '2081 880b 0000 0001 00000008')],
    ['compressed PPP in PPTP', ipv4(47, `3001 880b 002d 0001 00000007 fd 9000 ${ipv4Tcp}`)],
    ['IPv4 in IPv4 that is none', ipv4(4, ipv4Tcp.replace('45', '55'))],
    ['a fourth encapsulation', ipv4(41, ipv6(41, ipv6(4, ipv4(47, `0000 0800 ${ipv4Tcp}`))))],
  ])('%s', (_, packet) => {
    const told = raw(packet) as Exclude<ReturnType<typeof raw>, string>;
    expect(told.to).not.toBe(expectedTcp.to);
    expect(told.protocol).toBe(told.tunnel === '' ? hex(packet)[9] : 47);
  });
});

describe('GTP', () => {
  const decoded = (packet: string): Layers => {
    const layers = new Layers();
    expect(layers.decode(hex(packet), 0, hex(packet).length, hex(packet).length, LinkType.RAW)).toBe(0);
    return layers;
  };

  test('its endpoint id and the addresses of its nodes are told', () => {
    const layers = decoded(ipv4(17, udp(2152, 2152, `30ff 002b 80000001 ${ipv4Tcp}`)));
    expect(layers).toMatchObject({ teid: 0x80000001 | 0, gtpV6: false, ipAt: 36, transportAt: 56, packets: 1 });
    expect(formatIpv4(wordAt(layers.bytes, layers.gtpSourceAt))).toBe('10.0.0.1');
    expect(formatIpv4(wordAt(layers.bytes, layers.gtpDestinationAt))).toBe('10.0.0.2');
  });

  test('of GTP in GTP the innermost counts', () => {
    const inside = ipv6(17, udp(2152, 2152, `30ff 002b 00000002 ${ipv4Tcp}`));
    const layers = decoded(ipv4(17, udp(2152, 2152, `30ff ${field(hex(inside).length)} 00000001 ${inside}`)));
    expect(layers).toMatchObject({ teid: 2, gtpV6: true, v6: false });
    expect(formatIpv6(layers.bytes, layers.gtpSourceAt)).toBe('2001:db8:1::');
    expect(raw(Buffer.from(layers.bytes).toString('hex'))).toEqual({ ...expectedTcp, tunnel: 'gtp gtp' });
  });

  test('nothing of it is left if the packet inside is no packet of a flow', () => {
    const broken = ipv4Tcp.replace('002b', '0027').slice(0, -8);
    const layers = decoded(ipv4(17, udp(2152, 2152, `30ff 0027 00000001 ${broken}`)));
    expect(layers).toMatchObject({ teid: 0, tunnel: 0, v6: false, ipAt: 0, transportAt: 20, payloadBytes: 8 + 39 });
  });
});
