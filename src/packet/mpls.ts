/** MPLS (RFC 3032): the label stack, and IP or an Ethernet pseudowire (RFC 4448) below it. */
import { FrameReason } from './frame-reason.ts';
import { Header, headerOfVersion, type NextHeader } from './next-header.ts';

const ENTRY_BYTES = 4;
const MAX_LABELS = 32;
/** The first four bits of a pseudowire's control word (RFC 4385). */
const CONTROL_WORD_BYTES = 4;

/** Skips the label stack. What is below tells itself by its first four bits: 4, 6, or 0 for a pseudowire. */
export const skipMpls = (bytes: Uint8Array, next: NextHeader): number => {
  for (let labels = 0; labels < MAX_LABELS; labels++) {
    if (!next.skip(ENTRY_BYTES, Header.NONE)) return FrameReason.LINK_TRUNCATED;
    const isBottom = (bytes[next.at - 2]! & 1) !== 0;
    if (!isBottom) continue;
    if (next.at === next.end) return FrameReason.LINK_TRUNCATED;
    next.kind = headerOfVersion(bytes, next.at, next.end);
    if (next.kind !== Header.NONE) return FrameReason.OK;
    if (bytes[next.at]! >> 4 !== 0) return FrameReason.NOT_IP;
    return next.skip(CONTROL_WORD_BYTES, Header.ETHERNET) ? FrameReason.OK : FrameReason.LINK_TRUNCATED;
  }
  return FrameReason.NOT_IP;
};
