/** Chunks of HTTP/1 content (RFC 9112 section 7.1): the line before each. */

/** A line of a chunk or of a trailer beyond this is none. */
export const MAX_CHUNK_LINE_BYTES = 4096;

/** The value of a hexadecimal digit, -1 for anything else. */
const digitOf = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

/**
 * The size of the chunk whose line is [start, end), in bytes: hexadecimal digits, then an extension or nothing.
 *
 * @returns NaN if the line is none of a chunk, or the size beyond 2^52
 */
export const chunkSizeOf = (bytes: Uint8Array, start: number, end: number): number => {
  let size = 0;
  let at = start;
  for (; at < end; at++) {
    const digit = digitOf(bytes[at]!);
    if (digit < 0) break;
    size = size * 16 + digit;
  }
  const isEnded = at < end && ' \t;\r\n'.includes(String.fromCharCode(bytes[at]!));
  return at > start && isEnded && size < 2 ** 52 ? size : Number.NaN;
};
