/** GRE (RFC 2784 with key and sequence of RFC 2890), its version 1 that PPTP uses (RFC 2637), and ERSPAN in it. */
import { Header, type NextHeader } from './next-header.ts';
import { Tunnel } from './tunnel.ts';

const HAS_CHECKSUM = 0x80;
const HAS_ROUTING = 0x40;
const HAS_KEY = 0x20;
const HAS_SEQUENCE = 0x10;
/** In the second byte of version 1. */
const HAS_ACKNOWLEDGEMENT = 0x80;
const VERSION = 0x07;

const ERSPAN_II_BYTES = 8;
const ERSPAN_III_BYTES = 12;
/** In the last byte of the ERSPAN III header: a platform's own part follows. */
const HAS_PLATFORM = 0x01;
const PLATFORM_BYTES = 8;

/**
 * Skips GRE's header, and ERSPAN's behind it.
 *
 * @returns the `Tunnel`, NONE if nothing follows or the header is none
 */
export const skipGre = (bytes: Uint8Array, next: NextHeader): number => {
  const { at, end } = next;
  if (at + 4 > end) return Tunnel.NONE;
  const flags = bytes[at]!;
  const version = bytes[at + 1]! & VERSION;
  const protocol = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (version === 1) return skipPptp(bytes, next, flags, protocol);
  if (version !== 0 || (flags & HAS_ROUTING) !== 0) return Tunnel.NONE;
  const options =
    ((flags & HAS_CHECKSUM) !== 0 ? 4 : 0) + ((flags & HAS_KEY) !== 0 ? 4 : 0) + ((flags & HAS_SEQUENCE) !== 0 ? 4 : 0);
  if (!next.skip(4 + options, protocol)) return Tunnel.NONE;
  if (protocol !== Header.ERSPAN && protocol !== Header.ERSPAN_III) return Tunnel.GRE;
  return skipErspan(bytes, next, (flags & HAS_SEQUENCE) !== 0) ? Tunnel.ERSPAN : Tunnel.NONE;
};

/** The header of the first version of ERSPAN is empty; the others have a sequence number in GRE. */
const skipErspan = (bytes: Uint8Array, next: NextHeader, hasSequence: boolean): boolean => {
  if (next.kind === Header.ERSPAN) return next.skip(hasSequence ? ERSPAN_II_BYTES : 0, Header.ETHERNET);
  if (!next.skip(ERSPAN_III_BYTES, Header.ETHERNET)) return false;
  return (bytes[next.at - 1]! & HAS_PLATFORM) === 0 || next.skip(PLATFORM_BYTES, Header.ETHERNET);
};

/** Key and protocol are always there; a packet without a sequence number only acknowledges. */
const skipPptp = (bytes: Uint8Array, next: NextHeader, flags: number, protocol: number): number => {
  if (protocol !== Header.PPP || (flags & (HAS_KEY | HAS_SEQUENCE)) !== (HAS_KEY | HAS_SEQUENCE)) return Tunnel.NONE;
  const hasAcknowledgement = (bytes[next.at + 1]! & HAS_ACKNOWLEDGEMENT) !== 0;
  return next.skip(hasAcknowledgement ? 16 : 12, Header.PPP) ? Tunnel.PPTP : Tunnel.NONE;
};
