/** IEEE 802.11 data frames, and the LLC (802.2) with SNAP that they carry. */
import { FrameReason } from './frame-reason.ts';
import { Header, type NextHeader } from './next-header.ts';

/** Of the first byte of the frame control: the type, and what the subtype of a data frame tells. */
const VERSION = 0x03;
const TYPE = 0x0c;
const DATA = 0x08;
const NO_DATA = 0x40;
const QOS = 0x80;
/** Of the second. */
const BETWEEN_STATIONS = 0x03;
const MORE_FRAGMENTS = 0x04;
const PROTECTED = 0x40;
const HAS_HT_CONTROL = 0x80;

const HEADER_BYTES = 24;
const FOURTH_ADDRESS_BYTES = 6;
const QOS_BYTES = 2;
const HT_CONTROL_BYTES = 4;
/** Of the QoS field: several frames in one, each behind two addresses and a length. */
const IS_AGGREGATE = 0x80;
const SUBFRAME_HEADER_BYTES = 14;

/**
 * Skips the header of a data frame; of several in one (A-MSDU) the first is read.
 *
 * @param padded is the header filled up to a multiple of four?
 */
export const skipWifi = (bytes: Uint8Array, next: NextHeader, padded = false): number => {
  const { at, end } = next;
  if (at + HEADER_BYTES > end) return FrameReason.LINK_TRUNCATED;
  // Some controllers have the two bytes of each field in the other order; a version that does not exist tells.
  const swap = (bytes[at]! & VERSION) !== 0 ? 1 : 0;
  const control = bytes[at + swap]!;
  const flags = bytes[at + 1 - swap]!;
  if ((control & VERSION) !== 0 || (control & TYPE) !== DATA || (control & NO_DATA) !== 0) return FrameReason.NOT_IP;
  const fragment = bytes[at + 22 + swap]! & 0x0f;
  if ((flags & (PROTECTED | MORE_FRAGMENTS)) !== 0 || fragment !== 0) return FrameReason.LINK_UNREADABLE;
  let length = HEADER_BYTES;
  let isAggregate = false;
  if ((flags & BETWEEN_STATIONS) === BETWEEN_STATIONS) length += FOURTH_ADDRESS_BYTES;
  if ((control & QOS) !== 0) {
    if (at + length + QOS_BYTES > end) return FrameReason.LINK_TRUNCATED;
    isAggregate = (bytes[at + length + swap]! & IS_AGGREGATE) !== 0;
    length += QOS_BYTES;
    if ((flags & HAS_HT_CONTROL) !== 0) length += HT_CONTROL_BYTES;
  }
  if (padded) length = (length + 3) & ~3;
  if (isAggregate) length += SUBFRAME_HEADER_BYTES;
  return next.skip(length, Header.LLC) ? FrameReason.OK : FrameReason.LINK_TRUNCATED;
};

const LLC_SNAP_BYTES = 8;
const SNAP_SAP = 0xaa;
const UNNUMBERED_INFORMATION = 0x03;
/** The organisation of a bridged tunnel (802.1H); that of plain EtherTypes is 0. */
const BRIDGE_TUNNEL = 0x0000f8;

/** Skips LLC with SNAP; other service access points carry no IP. */
export const skipLlc = (bytes: Uint8Array, next: NextHeader): number => {
  const { at } = next;
  if (at + 2 <= next.end && (bytes[at] !== SNAP_SAP || bytes[at + 1] !== SNAP_SAP)) return FrameReason.NOT_IP;
  if (!next.skip(LLC_SNAP_BYTES, Header.NONE)) return FrameReason.LINK_TRUNCATED;
  const organisation = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
  if (bytes[at + 2] === UNNUMBERED_INFORMATION && (organisation === 0 || organisation === BRIDGE_TUNNEL)) {
    next.kind = (bytes[at + 6]! << 8) | bytes[at + 7]!;
  }
  return FrameReason.OK;
};
