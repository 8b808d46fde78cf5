/** Frame Relay: the address of Q.922, then the multiprotocol encapsulation (RFC 2427) or Cisco's. */
import { FrameReason } from './frame-reason.ts';
import { Header, type NextHeader } from './next-header.ts';

const MAX_ADDRESS_BYTES = 4;
const UNNUMBERED_INFORMATION = 0x03;
/** Network layer protocol ids (ISO/IEC TR 9577). */
const Nlpid = { PADDING: 0x00, SNAP: 0x80, IPV6: 0x8e, IPV4: 0xcc } as const;
const SNAP_BYTES = 5;

/** Skips address, control and protocol id. */
export const skipFrameRelay = (bytes: Uint8Array, next: NextHeader): number => {
  const { end } = next;
  let at = next.at;
  // The last byte of the address has its lowest bit set.
  for (let address = 1; ; address++) {
    if (at >= end) return FrameReason.LINK_TRUNCATED;
    if ((bytes[at++]! & 1) !== 0) break;
    if (address === MAX_ADDRESS_BYTES) return FrameReason.NOT_IP;
  }
  if (at + 2 > end) return FrameReason.LINK_TRUNCATED;
  if (bytes[at] !== UNNUMBERED_INFORMATION) {
    next.kind = (bytes[at]! << 8) | bytes[at + 1]!;
    next.at = at + 2;
    return FrameReason.OK;
  }
  at++;
  if (bytes[at] === Nlpid.PADDING) at++;
  if (at >= end) return FrameReason.LINK_TRUNCATED;
  const nlpid = bytes[at++]!;
  next.at = at;
  next.kind = nlpid === Nlpid.IPV4 ? Header.IPV4 : nlpid === Nlpid.IPV6 ? Header.IPV6 : Header.NONE;
  if (nlpid !== Nlpid.SNAP) return FrameReason.OK;
  if (!next.skip(SNAP_BYTES, Header.NONE)) return FrameReason.LINK_TRUNCATED;
  next.kind = (bytes[at + 3]! << 8) | bytes[at + 4]!;
  return FrameReason.OK;
};
