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

const parseIpv4 = (text: string): Uint8Array | undefined => {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = parts[i]!;
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return undefined;
    const value = Number(part);
    if (value > 255) return undefined;
    bytes[i] = value;
  }
  return bytes;
};

const parseGroups = (text: string): number[] | undefined => {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes('.')) {
      const v4 = parseIpv4(part);
      if (v4 === undefined) return undefined;
      groups.push((v4[0]! << 8) | v4[1]!, (v4[2]! << 8) | v4[3]!);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
};

/**
 * The 4 or 16 bytes of an address in text; undefined if it is none.
 *
 * @example
 * parseAddress('192.0.2.1') // Uint8Array [192, 0, 2, 1]
 */
export const parseAddress = (text: string): Uint8Array | undefined => {
  if (!text.includes(':')) return parseIpv4(text);
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!);
  const tail = halves.length === 2 ? parseGroups(halves[1]!) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  for (const [i, group] of [...head, ...new Array<number>(missing).fill(0), ...tail].entries()) {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group & 255;
  }
  return bytes;
};
