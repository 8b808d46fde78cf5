/** Integers of variable length (RFC 9000 16). */

/** Bytes of the integer that begins with `first`. */
export const varintBytes = (first: number): number => 1 << (first >> 6);

/** The integer at `at`, or -1 if it is cut by `end`. Beyond 2^53 it is inexact, which no length in a packet comes near. */
export const readVarint = (bytes: Uint8Array, at: number, end: number): number => {
  if (at >= end) return -1;
  const count = varintBytes(bytes[at]!);
  if (at + count > end) return -1;
  let value = bytes[at]! & 0x3f;
  for (let i = 1; i < count; i++) value = value * 256 + bytes[at + i]!;
  return value;
};
