/** Packets as the netfilter log of Linux writes them (LINKTYPE_NFLOG): attributes, one of which is the packet. */
import { FrameReason } from './frame-reason.ts';
import { Header, headerOfVersion, type NextHeader } from './next-header.ts';

const HEADER_BYTES = 4;
const ATTRIBUTE_HEADER_BYTES = 4;
const PAYLOAD = 9;
/** Types are small, so that a larger one tells the other byte order. */
const MAX_TYPE = 0xff;
const MAX_ATTRIBUTES = 64;

/** Finds the attribute that is the packet. Lengths and types are in the byte order of the host that logged. */
export const skipNflog = (bytes: Uint8Array, next: NextHeader): number => {
  let at = next.at + HEADER_BYTES;
  for (let attributes = 0; attributes < MAX_ATTRIBUTES; attributes++) {
    if (at + ATTRIBUTE_HEADER_BYTES > next.end) return FrameReason.LINK_TRUNCATED;
    let length = bytes[at]! | (bytes[at + 1]! << 8);
    let type = bytes[at + 2]! | (bytes[at + 3]! << 8);
    if (type > MAX_TYPE) {
      length = (bytes[at]! << 8) | bytes[at + 1]!;
      type = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    }
    if (length < ATTRIBUTE_HEADER_BYTES) return FrameReason.NOT_IP;
    if (type === PAYLOAD) {
      next.end = Math.min(next.end, at + length);
      if (!next.skip(at + ATTRIBUTE_HEADER_BYTES - next.at, Header.NONE)) return FrameReason.LINK_TRUNCATED;
      next.kind = headerOfVersion(bytes, next.at, next.end);
      return FrameReason.OK;
    }
    // Attributes start at multiples of four.
    at += (length + 3) & ~3;
  }
  return FrameReason.NOT_IP;
};
