/** The user plane of GTP version 1 (3GPP TS 29.281): the header in front of a subscriber's packet. */
import { headerOfVersion, type NextHeader } from './next-header.ts';

export const GTP_USER_PORT = 2152;

const HEADER_BYTES = 8;
/** Version 1, and the bit that tells GTP from what charging uses. */
const VERSION_AND_TYPE = 0xf0;
const GTP_VERSION_1 = 0x30;
/** Extension header, sequence number, N-PDU number: with any of them there is room for all. */
const HAS_EXTENSION = 0x04;
const HAS_OPTIONS = 0x07;
const OPTION_BYTES = 4;
const USER_DATA = 255;
const MAX_EXTENSIONS = 16;

/** Where the TEID stands in the header. */
export const GTP_TEID_AT = 4;

/** Skips the header of user data. False if it is none, or if its lengths do not fit. */
export const skipGtpUser = (bytes: Uint8Array, next: NextHeader): boolean => {
  const { at } = next;
  if (at + HEADER_BYTES > next.end) return false;
  const flags = bytes[at]!;
  if ((flags & VERSION_AND_TYPE) !== GTP_VERSION_1 || bytes[at + 1] !== USER_DATA) return false;
  const gtpEnd = at + HEADER_BYTES + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
  if (gtpEnd > next.wireEnd) return false;
  const end = Math.min(next.end, gtpEnd);
  let inside = at + HEADER_BYTES;
  if ((flags & HAS_OPTIONS) !== 0) inside += OPTION_BYTES;
  if (inside > end) return false;
  // The type of the next extension is the last byte of the options, and of each extension.
  let hasExtension = (flags & HAS_EXTENSION) !== 0 && bytes[inside - 1] !== 0;
  for (let extensions = 0; hasExtension; extensions++) {
    if (inside >= end || extensions === MAX_EXTENSIONS) return false;
    const extensionBytes = bytes[inside]! << 2;
    inside += extensionBytes;
    if (extensionBytes === 0 || inside > end) return false;
    hasExtension = bytes[inside - 1] !== 0;
  }
  next.at = inside;
  next.end = end;
  next.wireEnd = gtpEnd;
  next.kind = headerOfVersion(bytes, inside, end);
  return true;
};
