/** What an Ethernet frame of the synthetic scenes looks like on other links and in tunnels; what it tells of its flow stays the same. */
import { LinkType } from '../src/packet/frame-sink.ts';
import type { Direction, Frame } from '../src/synth/frame.ts';
import { type GtpSession, tunnelFrame } from '../src/synth/gtp.ts';

interface Encapsulation {
  readonly name: string;
  readonly linkType: number;
  readonly wrap: (frame: Frame) => Frame;
}

const ETHERNET_BYTES = 14;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const isIpv6 = ({ bytes }: Frame): boolean => bytes[12] === 0x86;
/** The frames of the scenes have the addresses of the two sides of the link. */
const directionOf = ({ bytes }: Frame): Direction => (bytes[5] === 2 ? 'up' : 'down');

/** The frame with `header` in the place of its first `cut` bytes. */
const withHeader = (frame: Frame, header: Uint8Array, cut = ETHERNET_BYTES): Frame => ({
  at: frame.at,
  bytes: Buffer.concat([header, frame.bytes.subarray(cut)]),
  length: frame.length - cut + header.length,
});

const onLink = (name: string, linkType: number, ipv4: string, ipv6: string): Encapsulation => {
  const headers = [hex(ipv4), hex(ipv6)] as const;
  return { name, linkType, wrap: (frame) => withHeader(frame, headers[isIpv6(frame) ? 1 : 0]) };
};

/** IPv4 between two routers around `payload` bytes of a protocol. */
const outerIpv4 = (protocol: number, payload: number): Buffer => {
  const header = hex('4500 0000 0000 4000 4000 0000 c0000201 c0000202');
  header.writeUInt16BE(header.length + payload, 2);
  header[9] = protocol;
  return header;
};

const ethernetIpv4 = hex('020000000002 020000000001 0800');

const inIpv4 = (frame: Frame, protocol: number, between: Uint8Array, cut = ETHERNET_BYTES): Frame => {
  const payload = between.length + frame.length - cut;
  return withHeader(frame, Buffer.concat([ethernetIpv4, outerIpv4(protocol, payload), between]), cut);
};

const PROTOCOL = { IPV4: 4, UDP: 17, IPV6: 41, GRE: 47 } as const;
const gre = [hex('0000 0800'), hex('0000 86dd')] as const;

/** UDP to the port of VXLAN, and its header with the network 7 (RFC 7348 5). */
const vxlanHeader = (frame: Frame): Buffer => {
  const header = hex('c000 12b5 0000 0000 08000000 00000700');
  header.writeUInt16BE(header.length + frame.length, 4);
  return header;
};

const session: GtpSession = {
  imsi: '232019999999999',
  bearer: 5,
  accessNode: '192.0.2.10',
  networkNode: '192.0.2.20',
  upTeid: 0x1000,
  downTeid: 0x2000,
  upControlTeid: 0x3000,
  downControlTeid: 0x4000,
};

/** A data frame with QoS, and LLC. */
const wifi = `8801 0000 ${'02'.repeat(18)} 1000 0000 aaaa03 000000`;

export const encapsulations: readonly Encapsulation[] = [
  { name: 'Ethernet', linkType: LinkType.ETHERNET, wrap: (frame) => frame },
  onLink(
    '802.1Q',
    LinkType.ETHERNET,
    '020000000002 020000000001 8100 0007 0800',
    '020000000002 020000000001 8100 0007 86dd',
  ),
  onLink(
    '802.1ad',
    LinkType.ETHERNET,
    '020000000002 020000000001 88a8 0007 8100 0008 0800',
    '020000000002 020000000001 88a8 0007 8100 0008 86dd',
  ),
  onLink(
    'MPLS',
    LinkType.ETHERNET,
    '020000000002 020000000001 8847 00012040 00013140',
    '020000000002 020000000001 8847 00012040 00013140',
  ),
  onLink('SLL', LinkType.LINUX_SLL, '0000 0001 0006 020000000001 0000 0800', '0000 0001 0006 020000000001 0000 86dd'),
  onLink(
    'SLL2',
    LinkType.LINUX_SLL2,
    '0800 0000 00000002 0001 00 06 020000000001 0000',
    '86dd 0000 00000002 0001 00 06 020000000001 0000',
  ),
  onLink('raw IP', LinkType.RAW, '', ''),
  onLink('loopback', LinkType.NULL, '02000000', '1e000000'),
  onLink('PPP', LinkType.PPP, 'ff03 0021', '57'),
  onLink(
    'PPPoE',
    LinkType.ETHERNET,
    '020000000002 020000000001 8864 1100 0001 0000 0021',
    '020000000002 020000000001 8864 1100 0001 0000 0057',
  ),
  onLink('Cisco HDLC', LinkType.CISCO_HDLC, '0f00 0800', '0f00 86dd'),
  onLink('Frame Relay', LinkType.FRAME_RELAY, '1841 03 cc', '1841 03 8e'),
  onLink('802.11', LinkType.WIFI, `${wifi} 0800`, `${wifi} 86dd`),
  onLink('radiotap', LinkType.WIFI_RADIOTAP, `0000 0800 00000000 ${wifi} 0800`, `0000 0800 00000000 ${wifi} 86dd`),
  {
    name: 'IP in IP',
    linkType: LinkType.ETHERNET,
    wrap: (frame) => inIpv4(frame, isIpv6(frame) ? PROTOCOL.IPV6 : PROTOCOL.IPV4, new Uint8Array(0)),
  },
  {
    name: 'GRE',
    linkType: LinkType.ETHERNET,
    wrap: (frame) => inIpv4(frame, PROTOCOL.GRE, gre[isIpv6(frame) ? 1 : 0]),
  },
  { name: 'VXLAN', linkType: LinkType.ETHERNET, wrap: (frame) => inIpv4(frame, PROTOCOL.UDP, vxlanHeader(frame), 0) },
  { name: 'GTP-U', linkType: LinkType.ETHERNET, wrap: (frame) => tunnelFrame(session, directionOf(frame), frame) },
];
