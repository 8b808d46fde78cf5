import { describe, expect, test } from 'vitest';
import { LinkType } from './frame-sink.ts';
import { ethernet, expectedTcp, expectedUdp, hex, ipv4Tcp, ipv6Addresses, read, tcp } from './layers.test-helper.ts';

/** UDP in IPv6 behind extension headers, in Ethernet. */
const extended = (next: string, extensions: string, payloadLength: string): Buffer =>
  hex(
    `${ethernet} 86dd 60000000 ${payloadLength} ${next} 40 ${ipv6Addresses} ${extensions} 1388 0035 000b 0000 616263`,
  );

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
    expect(read(frame, LinkType.ETHERNET, frame.length, frame.length - 2)).toEqual(cut);
    // Even if the capture does not say so.
    expect(read(frame.subarray(0, -2), LinkType.ETHERNET)).toEqual(cut);
  });

  test('options of TCP that the capture cut leave the ports and no payload', () => {
    const packet = hex(`${ethernet} 0800 ${ipv4Tcp.replace('5018', '6018').replace('002b', '002f')} 616263`);
    expect(read(packet, LinkType.ETHERNET, packet.length, 14 + 40)).toEqual({
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
    ['a first fragment', Buffer.concat([changed(2, '002c 0000 2000'), Buffer.alloc(1)]), 'ip-fragment'],
    ['a last fragment', changed(6, '0001'), 'ip-fragment'],
    ['a fragment, not the last, that does not end on eight bytes', changed(6, '2000'), 'ip-malformed'],
    ['a fragment without content', changed(2, '0014 0000 0001'), 'ip-malformed'],
    ['a fragment that ends beyond the largest datagram', changed(6, '1fff'), 'ip-malformed'],
    ['a packet too short for TCP', changed(2, '0027'), 'transport-malformed'],
    ['a TCP header shorter than 20 bytes', changed(32, '40'), 'transport-malformed'],
    ['a TCP header longer than its packet', changed(32, 'f0'), 'transport-malformed'],
    ['a frame cut inside the IP header', frame.subarray(0, 14 + 19), 'ip-truncated'],
    ['a frame cut inside the TCP header', frame.subarray(0, 14 + 39), 'transport-truncated'],
  ])('%s', (_, bytes, reason) => {
    expect(read(bytes, LinkType.ETHERNET)).toBe(reason);
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
    ['a fragment that is the whole', '2c', '11 00 0000 00000007', '0013', 59],
    ['authentication', '33', '11 04 0000 00000001 00000002 000000000000000000000000', '0023', 75],
    ['mobility', '87', `11${hopByHop}`, '0013', 59],
  ])('extension headers: %s', (_, next, extensions, length, ipBytes) => {
    expect(read(extended(next, extensions, length), LinkType.ETHERNET)).toEqual({ ...expectedUdp, ipBytes });
  });

  test('a payload length of 0 stands for the length of the frame', () => {
    expect(read(extended('11', '', '0000'), LinkType.ETHERNET)).toEqual(expectedUdp);
  });

  test.each([
    ['a later fragment', extended('2c', '11 00 0008 00000007', '0013'), 'ip-fragment'],
    [
      'a first fragment that does not end on eight bytes',
      extended('2c', '11 00 0001 00000007', '0013'),
      'ip-malformed',
    ],
    ['an extension header that runs out of the packet', extended('00', '11 ff 000000000000', '0013'), 'ip-truncated'],
    ['seventeen extension headers', extended('00', `00${hopByHop}`.repeat(17), '0093'), 'ip-malformed'],
    ['a cut address', extended('11', '', '000b').subarray(0, 14 + 39), 'ip-truncated'],
    ['version 4 under the number of version 6', hex(`${ethernet} 86dd ${ipv4Tcp}`), 'ip-malformed'],
  ])('%s', (_, bytes, reason) => {
    expect(read(bytes, LinkType.ETHERNET)).toBe(reason);
  });
});
