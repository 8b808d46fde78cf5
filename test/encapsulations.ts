/** What an Ethernet frame of the synthetic scenes looks like on other links; what it tells of its flow stays the same. */
import { LinkType } from '../src/packet/frame-sink.ts';
import type { Frame } from '../src/synth/frame.ts';

interface Encapsulation {
  readonly name: string;
  readonly linkType: number;
  readonly wrap: (frame: Frame) => Frame;
}

const ETHERNET_BYTES = 14;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const isIpv6 = ({ bytes }: Frame): boolean => bytes[12] === 0x86;
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
  onLink('SLL', LinkType.LINUX_SLL, '0000 0001 0006 020000000001 0000 0800', '0000 0001 0006 020000000001 0000 86dd'),
  onLink(
    'SLL2',
    LinkType.LINUX_SLL2,
    '0800 0000 00000002 0001 00 06 020000000001 0000',
    '86dd 0000 00000002 0001 00 06 020000000001 0000',
  ),
  onLink('raw IP', LinkType.RAW, '', ''),
  onLink('loopback', LinkType.NULL, '02000000', '1e000000'),
];
