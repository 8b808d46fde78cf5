/** Address blocks (CIDR, RFC 4632 and RFC 4291 2.3): `192.0.2.0/24`. */
import { formatAddress, parseAddress } from './address.ts';

export interface Prefix {
  /** 4 or 16 bytes; the bits after the prefix are zero. */
  readonly bytes: Uint8Array;
  /** Bits that count. */
  readonly length: number;
}

/** Leading bits in which two addresses of one family agree. */
export const commonPrefixLength = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! ^ b[i]!;
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return 8 * a.length;
};

/** The block of `length` bits that holds an address. */
export const toPrefix = (address: Uint8Array, length: number): Prefix => {
  const bytes = new Uint8Array(address.length);
  const whole = length >> 3;
  bytes.set(address.subarray(0, whole));
  if (whole < bytes.length) bytes[whole] = address[whole]! & (0xff00 >> (length & 7));
  return { bytes, length };
};

export const formatPrefix = ({ bytes, length }: Prefix): string => `${formatAddress(bytes)}/${length}`;

/** Do two blocks share an address? Of two that do, one holds the other. */
export const prefixesOverlap = (a: Prefix, b: Prefix): boolean =>
  a.bytes.length === b.bytes.length && commonPrefixLength(a.bytes, b.bytes) >= Math.min(a.length, b.length);

/**
 * A block in text, or an address alone, which is the block of its own.
 *
 * @returns undefined if it is none, or if bits after the prefix are set: that is a slip more often than a wish
 */
export const parsePrefix = (text: string): Prefix | undefined => {
  const [addressText, lengthText, ...rest] = text.split('/');
  const bytes = parseAddress(addressText!);
  if (bytes === undefined || rest.length > 0) return undefined;
  if (lengthText === undefined) return { bytes, length: 8 * bytes.length };
  if (!/^(0|[1-9]\d{0,2})$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  if (length > 8 * bytes.length) return undefined;
  const prefix = toPrefix(bytes, length);
  return commonPrefixLength(prefix.bytes, bytes) === 8 * bytes.length ? prefix : undefined;
};
