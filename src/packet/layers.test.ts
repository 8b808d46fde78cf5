import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameBuilder } from '../synth/frame.ts';
import { literal } from '../synth/payload.ts';
import { formatIpv4, formatIpv6, parseAddress } from './address.ts';
import { LinkType } from './frame-sink.ts';
import { frameReasons, Layers, tunnelNames } from './layers.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** All that the decoder tells of a frame, in words. */
const read = (frame: Uint8Array, linkType: number, original = frame.length, start = 0, captured = frame.length) => {
  const layers = new Layers();
  const reason = frameReasons[layers.decode(frame, start, captured, original, linkType)]!;
  if (reason !== 'ok') return reason;
  const address = (at: number): string =>
    layers.v6 ? formatIpv6(frame, at) : formatIpv4(Buffer.from(frame.subarray(at, at + 4)).readInt32BE());
  return {
    from: `${address(layers.sourceAt)} ${layers.sourcePort}`,
    to: `${address(layers.destinationAt)} ${layers.destinationPort}`,
    protocol: layers.protocol,
    ipBytes: layers.ipBytes,
    ttl: layers.ttl,
    vlan: layers.vlan,
    tunnel: tunnelNames[layers.tunnel],
    payload: Buffer.from(frame.subarray(layers.payloadStart, layers.payloadEnd)).toString('latin1'),
    payloadBytes: layers.payloadBytes,
    ...(layers.protocol === 6 && {
      flags: layers.tcpFlags,
      sequence: layers.tcpSequence,
      acknowledgement: layers.tcpAcknowledgement,
    }),
  };
};

const ethernet = '020000000002 020000000001';
const tcp = '9c40 01bb 80000001 00000002 5018 7210 0000 0000';
const ipv4Tcp = `4500 002b 0000 4000 3f06 0000 c0000201 c6336407 ${tcp} 616263`;
const expectedTcp = {
  from: '192.0.2.1 40000',
  to: '198.51.100.7 443',
  protocol: 6,
  ipBytes: 43,
  ttl: 63,
  vlan: -1,
  tunnel: '',
  payload: 'abc',
  payloadBytes: 3,
  flags: 0x18,
  sequence: 0x80000001 | 0,
  acknowledgement: 2,
};
const ipv6Addresses = '20010db8000000000000000000000001 20010db8000000000000000000000002';
const udp = '1388 0035 000b 0000 616263';
const ipv6Udp = (next: string, extensions: string, payloadLength: string): Buffer =>
  hex(`${ethernet} 86dd 60000000 ${payloadLength} ${next} 40 ${ipv6Addresses} ${extensions} ${udp}`);
const expectedUdp = {
  from: '2001:db8::1 5000',
  to: '2001:db8::2 53',
  protocol: 17,
  ipBytes: 51,
  ttl: 64,
  vlan: -1,
  tunnel: '',
  payload: 'abc',
  payloadBytes: 3,
};

describe('link layers', () => {
  test.each([
    ['Ethernet', LinkType.ETHERNET, `${ethernet} 0800`],
    ['Linux cooked', LinkType.LINUX_SLL, '0000 0001 0006 020000000001 0000 0800'],
    ['Linux cooked, version 2', LinkType.LINUX_SLL2, '0800 0000 00000002 0001 00 06 020000000001 0000'],
    ['BSD loopback, little-endian', LinkType.NULL, '02000000'],
    ['BSD loopback, big-endian', LinkType.NULL, '00000002'],
    ['OpenBSD loopback', LinkType.LOOP, '00000002'],
    ['raw IP', LinkType.RAW, ''],
    ['raw IP, number of BSD', LinkType.RAW_BSD, ''],
    ['raw IP, number of OpenBSD', LinkType.RAW_OPENBSD, ''],
    ['raw IPv4', LinkType.IPV4, ''],
  ])('%s', (_, linkType, head) => {
    expect(read(hex(`${head} ${ipv4Tcp}`), linkType)).toEqual(expectedTcp);
    for (let captured = 0; captured < hex(head).length; captured++) {
      expect(read(hex(`${head} ${ipv4Tcp}`), linkType, 100, 0, captured)).toBe('link-truncated');
    }
  });

  test('raw IP tells its version itself', () => {
    const packet = ipv6Udp('11', '', '000b').subarray(14);
    expect(read(packet, LinkType.RAW)).toEqual(expectedUdp);
    expect(read(packet, LinkType.IPV6)).toEqual(expectedUdp);
    expect(read(Buffer.concat([hex('1e000000'), packet]), LinkType.NULL)).toEqual(expectedUdp);
  });

  test.each([
    ['802.1Q', '8100 6064', 100],
    ['802.1ad over 802.1Q: the inner tag counts', '88a8 0007 8100 0064', 100],
    ['the old number of stacked tags', '9100 0007 9100 0008 8100 0009', 9],
    ['eight tags', '8100 0001 '.repeat(8), 1],
  ])('VLAN tags: %s', (_, tags, vlan) => {
    expect(read(hex(`${ethernet} ${tags} 0800 ${ipv4Tcp}`), LinkType.ETHERNET)).toEqual({ ...expectedTcp, vlan });
  });

  test('what is no IP, of no known link, or tagged without end is told apart', () => {
    expect(read(hex(`${ethernet} 0806 0001`), LinkType.ETHERNET)).toBe('not-ip');
    expect(read(hex(`${ethernet} ${'8100 0001 '.repeat(9)} 0800 ${ipv4Tcp}`), LinkType.ETHERNET)).toBe('not-ip');
    expect(read(hex(`${ethernet} 8100 00`), LinkType.ETHERNET)).toBe('link-truncated');
    expect(read(hex('50 00'), LinkType.RAW)).toBe('not-ip');
    expect(read(hex(ipv4Tcp), 147)).toBe('link-unknown');
  });
});

describe('IPv4', () => {
  const frame = hex(`${ethernet} 0800 ${ipv4Tcp}`);
  const changed = (at: number, bytes: string): Buffer => {
    const copy = Buffer.from(frame);
    copy.set(hex(bytes), 14 + at);
    return copy;
  };

  test('padding of the frame is no payload', () => {
    expect(read(Buffer.concat([frame, Buffer.alloc(6)]), LinkType.ETHERNET)).toEqual(expectedTcp);
  });

  test('a total length of 0, as segmentation offload leaves it, stands for the length of the frame', () => {
    expect(read(changed(2, '0000'), LinkType.ETHERNET)).toEqual(expectedTcp);
    expect(read(changed(2, '0000'), LinkType.ETHERNET, 70_057)).toMatchObject({
      ipBytes: 70_043,
      payload: 'abc',
      payloadBytes: 70_003,
    });
  });

  test('options are skipped', () => {
    const packet = hex(`${ethernet} 0800 4600 002f 0000 4000 3f06 0000 c0000201 c6336407 94040000 ${tcp} 616263`);
    expect(read(packet, LinkType.ETHERNET)).toEqual({ ...expectedTcp, ipBytes: 47 });
  });

  test('a payload that the capture cut keeps its length on the wire', () => {
    const cut = { ...expectedTcp, payload: 'a', payloadBytes: 3 };
    expect(read(frame, LinkType.ETHERNET, frame.length, 0, frame.length - 2)).toEqual(cut);
    // Even if the capture does not say so.
    expect(read(frame.subarray(0, -2), LinkType.ETHERNET)).toEqual(cut);
  });

  test('options of TCP that the capture cut leave the ports and no payload', () => {
    const packet = hex(`${ethernet} 0800 ${ipv4Tcp.replace('5018', '6018').replace('002b', '002f')} 616263`);
    expect(read(packet, LinkType.ETHERNET, packet.length, 0, 14 + 40)).toEqual({
      ...expectedTcp,
      ipBytes: 47,
      payload: '',
      payloadBytes: 3,
    });
  });

  test.each([
    ['a header shorter than 20 bytes', changed(0, '44'), 'ip-malformed'],
    ['version 6 under the number of version 4', changed(0, '65'), 'ip-malformed'],
    ['a total length under that of the header', changed(2, '0013'), 'ip-malformed'],
    ['a later fragment', changed(6, '0001'), 'ip-fragment'],
    ['a packet too short for TCP', changed(2, '0027'), 'transport-malformed'],
    ['a TCP header shorter than 20 bytes', changed(32, '40'), 'transport-malformed'],
    ['a TCP header longer than its packet', changed(32, 'f0'), 'transport-malformed'],
    ['a frame cut inside the IP header', frame.subarray(0, 14 + 19), 'ip-truncated'],
    ['a frame cut inside the TCP header', frame.subarray(0, 14 + 39), 'transport-truncated'],
  ])('%s', (_, bytes, reason) => {
    expect(read(bytes, LinkType.ETHERNET)).toBe(reason);
  });

  test('a first fragment is read as far as it goes', () => {
    expect(read(changed(6, '2000'), LinkType.ETHERNET)).toEqual(expectedTcp);
  });

  test('protocols without ports have ports of 0, and all behind IP is payload', () => {
    const icmp = hex(`${ethernet} 0800 4500 001c 0000 4000 3f01 0000 c0000201 c6336407 0800 f7ff 0000 0000`);
    expect(read(icmp, LinkType.ETHERNET)).toMatchObject({
      from: '192.0.2.1 0',
      to: '198.51.100.7 0',
      protocol: 1,
      payloadBytes: 8,
    });
  });
});

describe('IPv6', () => {
  const hopByHop = '00 000502000000';
  test.each([
    ['none', '11', '', '000b', 51],
    ['hop by hop', '00', `11${hopByHop}`, '0013', 59],
    ['hop by hop, routing, destination options', '00', `2b${hopByHop} 3c${hopByHop} 11${hopByHop}`, '0023', 75],
    ['a destination option of two units', '3c', '11 01 010c 000000000000 000000000000', '001b', 67],
    ['a first fragment', '2c', '11 00 0001 00000007', '0013', 59],
    ['authentication', '33', '11 04 0000 00000001 00000002 000000000000000000000000', '0023', 75],
    ['mobility', '87', `11${hopByHop}`, '0013', 59],
  ])('extension headers: %s', (_, next, extensions, length, ipBytes) => {
    expect(read(ipv6Udp(next, extensions, length), LinkType.ETHERNET)).toEqual({ ...expectedUdp, ipBytes });
  });

  test('a payload length of 0 stands for the length of the frame', () => {
    expect(read(ipv6Udp('11', '', '0000'), LinkType.ETHERNET)).toEqual(expectedUdp);
  });

  test.each([
    ['a later fragment', ipv6Udp('2c', '11 00 0008 00000007', '0013'), 'ip-fragment'],
    ['an extension header that runs out of the packet', ipv6Udp('00', '11 ff 000000000000', '0013'), 'ip-truncated'],
    ['seventeen extension headers', ipv6Udp('00', `00${hopByHop}`.repeat(17), '0093'), 'ip-malformed'],
    ['a cut address', ipv6Udp('11', '', '000b').subarray(0, 14 + 39), 'ip-truncated'],
    ['version 4 under the number of version 6', hex(`${ethernet} 86dd ${ipv4Tcp}`), 'ip-malformed'],
  ])('%s', (_, bytes, reason) => {
    expect(read(bytes, LinkType.ETHERNET)).toBe(reason);
  });
});

describe('VXLAN', () => {
  const inner = `${ethernet} 0800 ${ipv4Tcp}`;
  const around = (head: string, packet: string): Buffer => {
    const length = (n: number): string => n.toString(16).padStart(4, '0');
    const payload = hex(`${head} ${packet}`).length;
    return hex(
      `${ethernet} 0800 4500 ${length(28 + payload)} 0000 4000 4011 0000 0a000001 0a000002 c000 12b5 ${length(8 + payload)} 0000 ${head} ${packet}`,
    );
  };
  const head = '08000000 00007b00';
  const outer = { from: '10.0.0.1 49152', to: '10.0.0.2 4789', protocol: 17, tunnel: '', vlan: -1 };

  test('the packet inside counts', () => {
    expect(read(around(head, inner), LinkType.ETHERNET)).toEqual({ ...expectedTcp, tunnel: 'vxlan' });
  });

  test.each([
    ['without its flag', '00000000 00007b00', inner],
    ['with a reserved byte set', '08000000 00007b01', inner],
    ['around what is no IP', head, `${ethernet} 0806 0001080006040001`],
    ['around a broken packet', head, `${ethernet} 8100 0005 0800 44`],
    ['around a TCP header that ends too soon', head, `${ethernet} 8100 0005 0800 4500 0024 ${ipv4Tcp.slice(9, 90)}`],
  ])('%s the outer packet stands as it was read', (_, vxlan, packet) => {
    const frame = around(vxlan, packet);
    const payloadBytes = frame.length - 42;
    expect(read(frame, LinkType.ETHERNET)).toMatchObject({ ...outer, payloadBytes, ipBytes: frame.length - 14 });
  });
});

test('whatever a frame holds, and wherever it is cut, nothing outside of it is read', () => {
  const address = (text: string): Uint8Array => parseAddress(text)!;
  const port = (text: string, number: number) => ({ address: address(text), port: number });
  const builders = [
    { client: port('10.0.0.1', 40_000), server: port('198.51.100.7', 443) },
    { client: port('10.0.0.1', 40_000), server: port('198.51.100.7', 4789), vlan: 5 },
    { client: port('2001:db8::1', 40_000), server: port('2001:db8::2', 53), vlan: 5 },
  ].map((ends) => new FrameBuilder({ ...ends, clientTtl: 64, serverTtl: 60 }));
  const vxlan = hex(`08000000 00007b00 ${ethernet} 0800 ${ipv4Tcp}`);
  const header = { sequence: 1, acknowledgment: 2, flags: 16, window: 100, options: new Uint8Array(12) };
  const seeds = [
    ...builders.flatMap((builder) => [
      builder.tcp(0, 'up', header, literal(hex('616263')), 0, 3).bytes,
      builder.udp(0, 'up', vxlan).bytes,
    ]),
    ipv6Udp('00', '2b 00 000502000000 2c 00 000502000000 11 00 0001 00000007', '0023'),
  ];
  const links = [...Object.values(LinkType), 147];
  const change = fc.record({ at: fc.nat(150), to: fc.nat(255) });
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.constantFrom(LinkType.ETHERNET, LinkType.ETHERNET, LinkType.ETHERNET, ...links),
      fc.array(change, { maxLength: 6 }),
      fc.nat(160),
      fc.nat(80_000),
      (seed, linkType, changes, captured, original) => {
        const frame = Buffer.from(seed);
        for (const { at, to } of changes) if (at < frame.length) frame[at] = to;
        const kept = Math.min(captured, frame.length);
        const within = (garbage: number) => {
          const buffer = Buffer.alloc(1000, garbage);
          buffer.set(frame.subarray(0, kept), 300);
          const layers = new Layers();
          const reason = layers.decode(buffer, 300, kept, original, linkType);
          if (reason !== 0) return reason;
          const { sourceAt, destinationAt, payloadStart, payloadEnd, v6 } = layers;
          for (const at of [sourceAt, destinationAt]) {
            expect(at).toBeGreaterThanOrEqual(300);
            expect(at + (v6 ? 16 : 4)).toBeLessThanOrEqual(300 + kept);
          }
          if (payloadEnd > payloadStart) expect(payloadEnd).toBeLessThanOrEqual(300 + kept);
          expect(payloadEnd - payloadStart).toBeLessThanOrEqual(layers.payloadBytes);
          expect(payloadEnd).toBeGreaterThanOrEqual(payloadStart);
          const { tcpSequence, tcpAcknowledgement, ...rest } = layers;
          return layers.protocol === 6 ? { ...rest, tcpSequence, tcpAcknowledgement } : rest;
        };
        expect(within(0x00)).toEqual(within(0x45));
        expect(within(0xff)).toEqual(within(0x45));
      },
    ),
    { numRuns: 4000 },
  );
});
