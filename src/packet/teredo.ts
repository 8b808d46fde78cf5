/** Teredo (RFC 4380): IPv6 in UDP, behind indications of authentication and origin. */
import { wordAt } from './address.ts';
import { Header, type NextHeader } from './next-header.ts';

export const TEREDO_PORT = 3544;

const IPV6_BYTES = 40;
const AUTHENTICATION = 1;
const ORIGIN = 0;
/** Nonce and confirmation behind the two variable fields. */
const AUTHENTICATION_BYTES = 13;
const ORIGIN_BYTES = 8;
/** The first word of a client's address, 2001::/32. */
const PREFIX = 0x20010000;

/** Skips what stands in front of IPv6. */
export const skipTeredo = (bytes: Uint8Array, next: NextHeader): boolean => {
  const { end } = next;
  if (next.at + 4 > end) return false;
  if (bytes[next.at] === 0 && bytes[next.at + 1] === AUTHENTICATION) {
    next.at += AUTHENTICATION_BYTES + bytes[next.at + 2]! + bytes[next.at + 3]!;
    if (next.at + 2 > end) return false;
  }
  if (bytes[next.at] === 0 && bytes[next.at + 1] === ORIGIN) next.at += ORIGIN_BYTES;
  next.kind = Header.IPV6;
  return next.at < end;
};

/** May a UDP payload be Teredo whatever its ports? IPv6 of just its length, between ends of which one is a Teredo client. */
export const looksLikeTeredo = (bytes: Uint8Array, { at, end, wireEnd }: NextHeader): boolean =>
  at + IPV6_BYTES <= end &&
  at + IPV6_BYTES + ((bytes[at + 4]! << 8) | bytes[at + 5]!) === wireEnd &&
  (wordAt(bytes, at + 8) === PREFIX || wordAt(bytes, at + 24) === PREFIX);
