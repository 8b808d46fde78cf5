/** IP addresses as bytes and as canonical text (RFC 5952; IPv4 dotted decimal). */

/** The four bytes at `at` as a 32-bit word in network order, signed. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

/** The two bytes at `at` as a number in network order. */
export const shortAt = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

/** Dotted decimal of a 32-bit word in network order; the sign does not matter. */
export const formatIpv4 = (word: number): string =>
  `${(word >>> 24) & 255}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;

/** RFC 5952 text of the 16 bytes at `at`: lower case, the longest run of two or more zero groups (the first of equals) cut. */
export const formatIpv6 = (bytes: Uint8Array, at = 0): string => {
  const group = (i: number): number => (bytes[at + 2 * i]! << 8) | bytes[at + 2 * i + 1]!;
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && group(i + length) === 0) length++;
    if (length > bestLength) {
      bestStart = i;
      bestLength = length;
    }
    i += length;
  }
  // RFC 5952 section 5: IPv4-mapped addresses keep the dotted form.
  if (bestStart === 0 && bestLength === 5 && group(5) === 0xffff) {
    return `::ffff:${formatIpv4((group(6) << 16) | group(7))}`;
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === bestStart) {
      text += '::';
      i += bestLength - 1;
    } else {
      if (text !== '' && !text.endsWith(':')) text += ':';
      text += group(i).toString(16);
    }
  }
  return text;
};

/** Canonical text of 4 or 16 address bytes. */
export const formatAddress = (bytes: Uint8Array): string =>
  bytes.length === 4 ? formatIpv4(wordAt(bytes, 0)) : formatIpv6(bytes);

const ZERO = 0x30;
const DOT = 0x2e;
const COLON = 0x3a;

const ipv4Bytes = (word: number): Uint8Array => Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word);

/** Dotted decimal that stands in a text from `at` to its end, as a word in network order, signed; undefined if it is none. */
const readIpv4 = (text: string, at: number): number | undefined => {
  let word = 0;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && (at >= text.length || text.charCodeAt(at++) !== DOT)) return undefined;
    const start = at;
    let octet = 0;
    for (; at < text.length && at < start + 3; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit < 0 || digit > 9) break;
      octet = 10 * octet + digit;
    }
    const hasLeadingZero = at > start + 1 && text.charCodeAt(start) === ZERO;
    if (at === start || octet > 255 || hasLeadingZero) return undefined;
    word = (word << 8) | octet;
  }
  return at === text.length ? word : undefined;
};

/** The value of a hexadecimal digit, or -1. */
const hexDigit = (code: number): number => {
  if (code >= ZERO && code <= ZERO + 9) return code - ZERO;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

const parseIpv6 = (text: string): Uint8Array | undefined => {
  const bytes = new Uint8Array(16);
  let length = 0;
  /** Where `::` stands, in bytes. */
  let gap = -1;
  let at = 0;
  if (text.startsWith('::')) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    const start = at;
    let group = 0;
    for (; at < text.length && at < start + 4; at++) {
      const digit = hexDigit(text.charCodeAt(at));
      if (digit < 0) break;
      group = (group << 4) | digit;
    }
    if (at === start || length === 16) return undefined;
    if (at < text.length && text.charCodeAt(at) === DOT) {
      const word = readIpv4(text, start);
      if (word === undefined || length > 12) return undefined;
      bytes.set(ipv4Bytes(word), length);
      length += 4;
      break;
    }
    bytes[length++] = group >> 8;
    bytes[length++] = group;
    if (at === text.length) break;
    if (text.charCodeAt(at++) !== COLON || at === text.length) return undefined;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return undefined;
      gap = length;
      at++;
    }
  }
  if (gap < 0) return length === 16 ? bytes : undefined;
  if (length === 16) return undefined;
  const tail = length - gap;
  bytes.copyWithin(16 - tail, gap, length);
  bytes.fill(0, gap, 16 - tail);
  return bytes;
};

/**
 * The 4 or 16 bytes of an address in text; undefined if it is none.
 *
 * @example
 * parseAddress('192.0.2.1') // Uint8Array [192, 0, 2, 1]
 */
export const parseAddress = (text: string): Uint8Array | undefined => {
  if (text.includes(':')) return parseIpv6(text);
  const word = readIpv4(text, 0);
  return word === undefined ? undefined : ipv4Bytes(word);
};
