/** PPP (RFC 1661, framing of RFC 1662) and PPPoE (RFC 2516). */
import { FrameReason } from './frame-reason.ts';
import { Header, type NextHeader } from './next-header.ts';

const ADDRESS = 0xff;
const CONTROL = 0x03;
/** Addresses of Cisco HDLC, which serial lines carry in place of PPP. */
const CISCO_UNICAST = 0x0f;
const CISCO_MULTICAST = 0x8f;

const PppProtocol = { IPV4: 0x0021, IPV6: 0x0057, MPLS: 0x0281, MPLS_MULTICAST: 0x0283 } as const;

const headerOf = (protocol: number): number => {
  switch (protocol) {
    case PppProtocol.IPV4:
      return Header.IPV4;
    case PppProtocol.IPV6:
      return Header.IPV6;
    case PppProtocol.MPLS:
    case PppProtocol.MPLS_MULTICAST:
      return Header.MPLS;
    default:
      return Header.NONE;
  }
};

/** Skips address and control, which may be left out, and the protocol, which may be compressed to one byte. */
export const skipPpp = (bytes: Uint8Array, next: NextHeader): number => {
  const { end } = next;
  if (next.at + 2 > end) return FrameReason.LINK_TRUNCATED;
  const first = bytes[next.at]!;
  if (first === CISCO_UNICAST || first === CISCO_MULTICAST) {
    next.kind = Header.CISCO_HDLC;
    return FrameReason.OK;
  }
  const at = first === ADDRESS && bytes[next.at + 1] === CONTROL ? next.at + 2 : next.at;
  if (at >= end) return FrameReason.LINK_TRUNCATED;
  // The last byte of a protocol number is odd, and no other is.
  const protocolBytes = (bytes[at]! & 1) !== 0 ? 1 : 2;
  if (at + protocolBytes > end) return FrameReason.LINK_TRUNCATED;
  const kind = headerOf(protocolBytes === 1 ? bytes[at]! : (bytes[at]! << 8) | bytes[at + 1]!);
  next.at = at + protocolBytes;
  next.kind = kind;
  return FrameReason.OK;
};

const PPPOE_HEADER_BYTES = 6;
/** Version 1, type 1, and the code of session data. */
const PPPOE_VERSION = 0x11;
const PPPOE_SESSION_DATA = 0;

/** Skips the header of a PPPoE session. */
export const skipPppoe = (bytes: Uint8Array, next: NextHeader): number => {
  const { at } = next;
  if (!next.skip(PPPOE_HEADER_BYTES, Header.PPP)) return FrameReason.LINK_TRUNCATED;
  return bytes[at] === PPPOE_VERSION && bytes[at + 1] === PPPOE_SESSION_DATA ? FrameReason.OK : FrameReason.NOT_IP;
};

/** Skips Cisco HDLC: address, control, EtherType. */
export const skipCiscoHdlc = (bytes: Uint8Array, next: NextHeader): number => {
  const { at } = next;
  if (!next.skip(4, Header.NONE)) return FrameReason.LINK_TRUNCATED;
  next.kind = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return FrameReason.OK;
};
