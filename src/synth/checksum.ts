/** The Internet checksum (RFC 1071). */

/** Adds the 16-bit words of `bytes[start .. end)` to `sum`; an odd last byte counts as if a zero followed. */
export const addWords = (bytes: Uint8Array, start: number, end: number, sum: number): number => {
  let total = sum;
  let i = start;
  for (; i + 1 < end; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!;
  return i < end ? total + (bytes[i]! << 8) : total;
};

/** The checksum of a sum of words: folded to 16 bits and complemented. */
export const toChecksum = (sum: number): number => {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
};
