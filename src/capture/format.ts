/** Which capture or compression format do the first bytes of an input belong to? */

export type CaptureFormat = 'pcap' | 'pcapng';
export type Compression = 'gzip' | 'zstd';

/** Bytes that `detectFormat` needs to see; fewer are enough where the input itself is shorter. */
export const DETECTION_BYTES = 12;

const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** Magic numbers of pcap in either byte order: microseconds, nanoseconds, and the "modified" variant of old Linux. */
const pcapMagics = [0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0xa1b2cd34, 0x34cdb2a1];

/**
 * The format by magic bytes, never by the name of a file; undefined if it is none of these.
 *
 * A zstd stream may start with a skippable frame (RFC 8878 3.1.2). The block type of pcapng's section header consists
 * of line breaks, so that its byte-order magic is asked for too, as far as it is there.
 *
 * @example
 * detectFormat(Uint8Array.of(0x1f, 0x8b, 8)) // 'gzip'
 */
export const detectFormat = (first: Uint8Array): CaptureFormat | Compression | undefined => {
  if (first[0] === 0x1f && first[1] === 0x8b) return 'gzip';
  if (first.length < 4) return undefined;
  const magic = word(first, 0);
  if (pcapMagics.includes(magic)) return 'pcap';
  if (magic === 0x28b52ffd || (magic & 0xf0ffffff) >>> 0 === 0x502a4d18) return 'zstd';
  if (magic !== 0x0a0d0d0a) return undefined;
  if (first.length < 12) return 'pcapng';
  const order = word(first, 8);
  return order === 0x1a2b3c4d || order === 0x4d3c2b1a ? 'pcapng' : undefined;
};
