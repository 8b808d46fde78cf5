/** What a radio card tells in front of an 802.11 frame: radiotap (radiotap.org), Prism and AVS headers. */
import { wordAt } from './address.ts';
import { FrameReason } from './frame-reason.ts';
import { Header, type NextHeader } from './next-header.ts';
import { skipWifi } from './wifi.ts';

/** Of a radiotap word of presence: the time stamp, the flags, another such word. */
const HAS_TIMESTAMP = 0x01;
const HAS_FLAGS = 0x02;
const MORE_WORDS = 0x80;
const TIMESTAMP_BYTES = 8;
/** Of the radiotap flags: the frame's header is filled up to a multiple of four. */
const DATA_PAD = 0x20;

const littleEndian = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

/** The flags of a radiotap header of `length` bytes; 0 without any. */
const radiotapFlags = (bytes: Uint8Array, start: number, length: number): number => {
  const present = bytes[start + 4]!;
  if ((present & HAS_FLAGS) === 0) return 0;
  let at = 4;
  while (at + 4 <= length && (bytes[start + at + 3]! & MORE_WORDS) !== 0) at += 4;
  at += 4;
  if ((present & HAS_TIMESTAMP) !== 0) at = ((at + 7) & ~7) + TIMESTAMP_BYTES;
  return at < length ? bytes[start + at]! : 0;
};

/** Skips a radiotap header and the header of the frame behind it. */
export const skipRadiotap = (bytes: Uint8Array, next: NextHeader): number => {
  const { at, end } = next;
  if (at + 8 > end) return FrameReason.LINK_TRUNCATED;
  const length = bytes[at + 2]! | (bytes[at + 3]! << 8);
  if (bytes[at] !== 0 || length < 8) return FrameReason.NOT_IP;
  if (!next.skip(length, Header.WIFI)) return FrameReason.LINK_TRUNCATED;
  return skipWifi(bytes, next, (radiotapFlags(bytes, at, length) & DATA_PAD) !== 0);
};

/** An AVS header begins with this and a version, in network order; a Prism header with the number of a message. */
const AVS = 0x80211000 | 0;
const AVS_MASK = 0xfffff000 | 0;
const MAX_HEADER_BYTES = 1024;

/** Skips a Prism or AVS header: both have their length in the second word, Prism in the byte order of the host. */
export const skipPrism = (bytes: Uint8Array, next: NextHeader): number => {
  const { at } = next;
  if (at + 8 > next.end) return FrameReason.LINK_TRUNCATED;
  let length = wordAt(bytes, at + 4) >>> 0;
  if ((wordAt(bytes, at) & AVS_MASK) !== AVS) length = Math.min(length, littleEndian(bytes, at + 4));
  if (length < 8 || length > MAX_HEADER_BYTES) return FrameReason.NOT_IP;
  return next.skip(length, Header.WIFI) ? FrameReason.OK : FrameReason.LINK_TRUNCATED;
};
