/** Frames in hexadecimal, and all that the decoder of layers tells of them, in words. */
import { formatIpv4, formatIpv6, wordAt } from './address.ts';
import { frameReasons } from './frame-reason.ts';
import { LinkType } from './frame-sink.ts';
import { Layers } from './layers.ts';
import { tunnelText } from './tunnel.ts';

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** `bytes` as hexadecimal digits of a big-endian field. */
export const field = (value: number, bytes = 2): string => value.toString(16).padStart(2 * bytes, '0');

/** What `layers` holds after it was read with success. */
export const describeLayers = (layers: Layers) => {
  const { bytes, v6, protocol } = layers;
  const address = (at: number): string => (v6 ? formatIpv6(bytes, at) : formatIpv4(wordAt(bytes, at)));
  return {
    from: `${address(layers.sourceAt)} ${layers.sourcePort}`,
    to: `${address(layers.destinationAt)} ${layers.destinationPort}`,
    protocol,
    ipBytes: layers.ipBytes,
    ttl: layers.ttl,
    vlan: layers.vlan,
    tunnel: tunnelText(layers.tunnel),
    payload: Buffer.from(bytes.subarray(layers.payloadStart, layers.payloadEnd)).toString('latin1'),
    payloadBytes: layers.payloadBytes,
    ...(protocol === 6 && {
      flags: layers.tcpFlags,
      sequence: layers.tcpSequence,
      acknowledgement: layers.tcpAcknowledgement,
      window: layers.tcpWindow,
    }),
  };
};

/** Reads a frame; the reason, if it is no packet of a flow. */
export const read = (frame: Uint8Array, linkType: number, original = frame.length, captured = frame.length) => {
  const layers = new Layers([2152, 2153]);
  const reason = frameReasons[layers.decode(frame, 0, captured, original, linkType)]!;
  return reason === 'ok' ? describeLayers(layers) : reason;
};

export const ethernet = '020000000002 020000000001';

export const tcp = '9c40 01bb 80000001 00000002 5018 7210 0000 0000';
/** TCP with three bytes of payload in IPv4, and what is told of it. */
export const ipv4Tcp = `4500 002b 0000 4000 3f06 0000 c0000201 c6336407 ${tcp} 616263`;
export const expectedTcp = {
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
  window: 0x7210,
};

export const ipv6Addresses = '20010db8000000000000000000000001 20010db8000000000000000000000002';
/** UDP with three bytes of payload in IPv6, and what is told of it. */
export const ipv6Udp = `60000000 000b 1140 ${ipv6Addresses} 1388 0035 000b 0000 616263`;
export const expectedUdp = {
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

/** IP around a payload, between 10.0.0.1 and 10.0.0.2, or 2001:db8:1:: and 2001:db8:2::. */
export const ipv4 = (protocol: number, payload: string): string =>
  `4500 ${field(20 + hex(payload).length)} 0000 4000 40${field(protocol, 1)} 0000 0a000001 0a000002 ${payload}`;

export const ipv6 = (protocol: number, payload: string): string =>
  `60000000 ${field(hex(payload).length)} ${field(protocol, 1)} 40 20010db8000100000000000000000000 20010db8000200000000000000000000 ${payload}`;

export const udp = (from: number, to: number, payload: string): string =>
  `${field(from)} ${field(to)} ${field(8 + hex(payload).length)} 0000 ${payload}`;

/** What stands on each link before an IPv4 packet. */
export const linkHeads: readonly (readonly [name: string, linkType: number, head: string])[] = [
  ['Ethernet', LinkType.ETHERNET, `${ethernet} 0800`],
  ['802.3 with LLC and SNAP', LinkType.ETHERNET, `${ethernet} 0033 aaaa03 000000 0800`],
  ['Linux cooked', LinkType.LINUX_SLL, '0000 0001 0006 020000000001 0000 0800'],
  ['Linux cooked, version 2', LinkType.LINUX_SLL2, '0800 0000 00000002 0001 00 06 020000000001 0000'],
  ['BSD loopback, little-endian', LinkType.NULL, '02000000'],
  ['BSD loopback, big-endian', LinkType.NULL, '00000002'],
  ['OpenBSD loopback', LinkType.LOOP, '00000002'],
  ['raw IP', LinkType.RAW, ''],
  ['raw IP, number of BSD', LinkType.RAW_BSD, ''],
  ['raw IP, number of OpenBSD', LinkType.RAW_OPENBSD, ''],
  ['raw IPv4', LinkType.IPV4, ''],
  ['PPP', LinkType.PPP, 'ff03 0021'],
  ['PPP without address and control', LinkType.PPP, '0021'],
  ['PPP with a compressed protocol', LinkType.PPP, '21'],
  ['PPP in HDLC framing', LinkType.PPP_HDLC, 'ff03 21'],
  ['PPPoE without Ethernet', LinkType.PPP_ETHER, '11 00 0001 002d 0021'],
  ['PPPoE', LinkType.ETHERNET, `${ethernet} 8864 11 00 0001 002d 0021`],
  ['Cisco HDLC', LinkType.CISCO_HDLC, '0f 00 0800'],
  ['Cisco HDLC where PPP is told', LinkType.PPP_HDLC, '8f 00 0800'],
  ['Frame Relay', LinkType.FRAME_RELAY, '1841 03 cc'],
  [
    'Frame Relay with an address of four bytes, padding and SNAP',
    LinkType.FRAME_RELAY,
    '18404041 03 00 80 000000 0800',
  ],
  ['Frame Relay as of Cisco', LinkType.FRAME_RELAY, '1841 0800'],
  ['MPLS, one label', LinkType.ETHERNET, `${ethernet} 8847 000101ff`],
  ['MPLS, three labels', LinkType.ETHERNET, `${ethernet} 8847 000100ff 000200ff 000301ff`],
  ['MPLS over PPP', LinkType.PPP, 'ff03 0281 000101ff'],
  ['an Ethernet pseudowire over MPLS', LinkType.ETHERNET, `${ethernet} 8847 000101ff 00000000 ${ethernet} 0800`],
  ['802.11 to an access point', LinkType.WIFI, `0801 0000 ${'02'.repeat(18)} 1000 aaaa03 000000 0800`],
  ['802.11 with QoS', LinkType.WIFI, `8802 0000 ${'02'.repeat(18)} 1000 0000 aaaa03 000000 0800`],
  [
    '802.11 with QoS and HT control',
    LinkType.WIFI,
    `8882 0000 ${'02'.repeat(18)} 1000 0000 00000000 aaaa03 000000 0800`,
  ],
  [
    '802.11 with four addresses',
    LinkType.WIFI,
    `0803 0000 ${'02'.repeat(18)} 1000 ${'02'.repeat(6)} aaaa03 000000 0800`,
  ],
  [
    '802.11, the first of several frames in one',
    LinkType.WIFI,
    `8802 0000 ${'02'.repeat(18)} 1000 8000 ${ethernet} 0033 aaaa03 000000 0800`,
  ],
  ['radiotap', LinkType.WIFI_RADIOTAP, `00 00 0800 00000000 0801 0000 ${'02'.repeat(18)} 1000 aaaa03 000000 0800`],
  [
    'radiotap: two words of presence, time, flags, a padded header',
    LinkType.WIFI_RADIOTAP,
    `00 00 1900 03000080 00000000 00000000 ${'11'.repeat(8)} 20 8801 0000 ${'02'.repeat(18)} 1000 0000 0000 aaaa03 000000 0800`,
  ],
  [
    'Prism',
    LinkType.WIFI_PRISM,
    `44000000 90000000 ${'00'.repeat(136)} 0801 0000 ${'02'.repeat(18)} 1000 aaaa03 000000 0800`,
  ],
  [
    'AVS',
    LinkType.WIFI_AVS,
    `80211001 00000040 ${'00'.repeat(56)} 0801 0000 ${'02'.repeat(18)} 1000 aaaa03 000000 0800`,
  ],
  ['netfilter log, little-endian', LinkType.NFLOG, '02 00 0000 0500 0a00 41 000000 2f00 0900'],
  ['netfilter log, big-endian', LinkType.NFLOG, '02 00 0000 0005 000a 41 000000 002f 0009'],
];

const teredoClient = '2001000041379e76201a3f513afd573e';
const teredo = `60000000 000b 1140 ${teredoClient} 20010db8000000000000000000000002 1388 0035 000b 0000 616263`;
const ipv4Inside = (bytes: number): string => field(43 + bytes);

/** Tunnels around the TCP packet, or around the UDP packet where they carry no other. */
export const tunnels: readonly (readonly [name: string, tunnel: string, packet: string])[] = [
  ['VXLAN', 'vxlan', ipv4(17, udp(49152, 4789, `08000000 00007b00 ${ethernet} 0800 ${ipv4Tcp}`))],
  [
    'GENEVE with an option',
    'geneve',
    ipv4(17, udp(49152, 6081, `0200 6558 00007b00 01020304 05060708 ${ethernet} 0800 ${ipv4Tcp}`)),
  ],
  ['GENEVE around IP', 'geneve', ipv6(17, udp(49152, 6081, `0000 0800 00007b00 ${ipv4Tcp}`))],
  ['GTP', 'gtp', ipv4(17, udp(2152, 2152, `30ff ${ipv4Inside(0)} 80000001 ${ipv4Tcp}`))],
  [
    'GTP with a sequence number',
    'gtp',
    ipv4(17, udp(2152, 40_000, `32ff ${ipv4Inside(4)} 00000001 0001 00 00 ${ipv4Tcp}`)),
  ],
  [
    'GTP with an N-PDU number',
    'gtp',
    ipv4(17, udp(40_000, 2152, `31ff ${ipv4Inside(4)} 00000001 0000 05 00 ${ipv4Tcp}`)),
  ],
  [
    'GTP with two extension headers',
    'gtp',
    ipv6(17, udp(2152, 2152, `34ff ${ipv4Inside(16)} 00000001 0000 00 85 01 1001 40 02 000000000000 00 ${ipv4Tcp}`)),
  ],
  ['GTP at a port that was told', 'gtp', ipv4(17, udp(2153, 40_000, `30ff ${ipv4Inside(0)} 00000001 ${ipv4Tcp}`))],
  ['Teredo', 'teredo', ipv4(17, udp(40_000, 3544, teredo))],
  [
    'Teredo behind authentication and origin',
    'teredo',
    ipv4(17, udp(3544, 40_000, `0001 0102 01 0203 0102030405060708 00 0000 7777 f5ffff9a ${teredo}`)),
  ],
  ['Teredo between clients, at other ports', 'teredo', ipv4(17, udp(40_000, 40_001, teredo))],
  [
    'CAPWAP around 802.11',
    'capwap',
    ipv4(17, udp(40_000, 5247, `00 10 0300 00000000 0801 0000 ${'02'.repeat(18)} 1000 aaaa03 000000 0800 ${ipv4Tcp}`)),
  ],
  [
    'CAPWAP around 802.11 with its bytes swapped',
    'capwap',
    ipv4(
      17,
      udp(
        5247,
        40_000,
        `00 20 0320 00000000 04 bf230000 000000 1108 0000 ${'02'.repeat(18)} 7630 aaaa03 000000 0800 ${ipv4Tcp}`,
      ),
    ),
  ],
  ['CAPWAP around Ethernet', 'capwap', ipv4(17, udp(5247, 40_000, `00 10 0200 00000000 ${ethernet} 0800 ${ipv4Tcp}`))],
  ['IPv4 in IPv4', '4in4', ipv4(4, ipv4Tcp)],
  ['IPv4 in IPv6', '4in6', ipv6(4, ipv4Tcp)],
  ['IPv6 in IPv4', '6in4', ipv4(41, ipv6Udp)],
  ['IPv6 in IPv6', '6in6', ipv6(41, ipv6Udp)],
  ['GRE', 'gre', ipv4(47, `0000 0800 ${ipv4Tcp}`)],
  ['GRE with checksum, key and sequence', 'gre', ipv6(47, `b000 0800 00000000 00000001 00000002 ${ipv4Tcp}`)],
  ['GRE around Ethernet', 'gre', ipv4(47, `2000 6558 00000001 ${ethernet} 0800 ${ipv4Tcp}`)],
  ['GRE around MPLS', 'gre', ipv4(47, `0000 8847 000101ff ${ipv4Tcp}`)],
  ['GRE around PPP', 'gre', ipv4(47, `0000 880b ff03 0021 ${ipv4Tcp}`)],
  ['PPTP', 'pptp', ipv4(47, `3001 880b 002f 0001 00000007 ff03 0021 ${ipv4Tcp}`)],
  ['PPTP that acknowledges', 'pptp', ipv4(47, `3081 880b 002c 0001 00000007 00000008 21 ${ipv4Tcp}`)],
  ['ERSPAN I', 'erspan', ipv4(47, `0000 88be ${ethernet} 0800 ${ipv4Tcp}`)],
  ['ERSPAN II', 'erspan', ipv4(47, `1000 88be 00000001 1001 0001 00000000 ${ethernet} 0800 ${ipv4Tcp}`)],
  [
    'ERSPAN III with the part of a platform',
    'erspan',
    ipv4(47, `1000 22eb 00000001 2001 0001 00000000 00000001 ${'00'.repeat(8)} ${ethernet} 0800 ${ipv4Tcp}`),
  ],
  [
    'GTP in GRE, IPv6 in it',
    'gre gtp 6in4',
    ipv4(47, `0000 0800 ${ipv4(17, udp(2152, 2152, `30ff ${field(20 + 51)} 00000001 ${ipv4(41, ipv6Udp)}`))}`),
  ],
];
