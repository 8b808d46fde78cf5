/** CAPWAP data (RFC 5415 4.3, RFC 5416): 802.11 or Ethernet frames between an access point and its controller. */
import { Header, type NextHeader } from './next-header.ts';

export const CAPWAP_DATA_PORT = 5247;

const HEADER_BYTES = 8;
/** Of the first byte: version 0, and the type of a header that is not encrypted. */
const PLAIN = 0;
/** Of the second and third byte: length in words; the radio's binding. */
const BINDING_WIFI = 1;
/** Of the fourth byte. */
const IS_NATIVE = 0x01;
const IS_FRAGMENT = 0x80;
const IS_KEEPALIVE = 0x08;

/** Skips the header of a data message. */
export const skipCapwap = (bytes: Uint8Array, next: NextHeader): boolean => {
  const { at } = next;
  if (at + HEADER_BYTES > next.end || bytes[at] !== PLAIN) return false;
  const length = (bytes[at + 1]! >> 3) << 2;
  const binding = (bytes[at + 2]! >> 1) & 0x1f;
  const isNative = (bytes[at + 2]! & IS_NATIVE) !== 0;
  if ((bytes[at + 3]! & (IS_FRAGMENT | IS_KEEPALIVE)) !== 0 || length < HEADER_BYTES) return false;
  if (isNative && binding !== BINDING_WIFI) return false;
  return next.skip(length, isNative ? Header.WIFI : Header.ETHERNET);
};
