/** Domain names inside DNS messages: labels and compression pointers to presentation text (RFC 1035 4.1.4 and 5.1, RFC 4343). */
import type { Interner } from '../kit/interner.ts';
import { lowerOf } from './ascii.ts';

const MAX_NAME_BYTES = 255;
/** A name has at most 127 labels, so no honest name needs more pointers. */
const MAX_POINTERS = 127;
const POINTER = 0xc0;
const LONGEST_LABEL = 63;

/** The message ends inside the name. */
export const NAME_CUT = -1;
/** The name holds a label type that no standard defines, or is over 255 bytes. */
export const NAME_BAD = -2;

// Each byte of a name may take four characters (`\DDD`).
const scratch = Buffer.alloc(4 * MAX_NAME_BYTES);

/**
 * The index after the name at `at`, without following its pointer.
 *
 * @returns that index, or `NAME_CUT` or `NAME_BAD`, which are negative
 */
export const skipName = (bytes: Uint8Array, at: number, end: number): number => {
  const limit = at + MAX_NAME_BYTES;
  while (at < end) {
    const length = bytes[at]!;
    if (length >= POINTER) return at + 2 <= end ? at + 2 : NAME_CUT;
    if (length > LONGEST_LABEL) return NAME_BAD;
    at += length + 1;
    if (at > limit) return NAME_BAD;
    if (length === 0) return at;
  }
  return NAME_CUT;
};

/** Writes one byte as `\DDD`. */
const writeDecimal = (byte: number, to: number): number => {
  scratch[to] = 0x5c;
  scratch[to + 1] = 0x30 + Math.floor(byte / 100);
  scratch[to + 2] = 0x30 + (Math.floor(byte / 10) % 10);
  scratch[to + 3] = 0x30 + (byte % 10);
  return to + 4;
};

/**
 * Writes the name at `at` as text into `scratch`.
 *
 * @returns its length, `NAME_BAD` if it is cut or malformed
 */
const writeName = (bytes: Uint8Array, start: number, at: number, end: number): number => {
  let nameBytes = 1;
  let pointers = 0;
  let written = 0;
  while (at < end) {
    const length = bytes[at]!;
    if (length === 0) {
      if (written === 0) scratch[written++] = 0x2e;
      return written;
    }
    if (length >= POINTER) {
      if (at + 1 >= end || ++pointers > MAX_POINTERS) return NAME_BAD;
      at = start + (((length & 0x3f) << 8) | bytes[at + 1]!);
      continue;
    }
    nameBytes += length + 1;
    if (length > LONGEST_LABEL || nameBytes > MAX_NAME_BYTES) return NAME_BAD;
    const labelEnd = at + 1 + length;
    if (labelEnd > end) return NAME_BAD;
    if (written > 0) scratch[written++] = 0x2e;
    for (let i = at + 1; i < labelEnd; i++) {
      const byte = lowerOf(bytes[i]!);
      if (byte === 0x2e || byte === 0x5c) {
        scratch[written++] = 0x5c;
        scratch[written++] = byte;
      } else if (byte > 0x20 && byte < 0x7f) scratch[written++] = byte;
      else written = writeDecimal(byte, written);
    }
    at = labelEnd;
  }
  return NAME_BAD;
};

/**
 * The name at `at` as text: A-Z in lower case, no final dot, the root as `.`.
 *
 * Bytes that are not printable ASCII become `\DDD`, a dot or backslash inside a label `\.` or `\\`, so that two names
 * have the same text only if they are the same name. The number of pointers and the length of the name are bounded, so
 * that no name costs more than a few hundred steps. Pointers that lead forward are against the standard, but some
 * resolvers answer them.
 *
 * @param start index of the first byte of the message, to which pointers are relative
 * @param end index after the last byte of the message
 * @returns undefined if the name is cut or malformed
 */
export const readName = (bytes: Uint8Array, start: number, at: number, end: number): string | undefined => {
  const length = writeName(bytes, start, at, end);
  return length < 0 ? undefined : scratch.toString('latin1', 0, length);
};

/**
 * The same as an interner code.
 *
 * @returns `NAME_BAD`, which is negative, if the name is cut or malformed
 */
export const internName = (bytes: Uint8Array, start: number, at: number, end: number, interner: Interner): number => {
  const length = writeName(bytes, start, at, end);
  return length < 0 ? NAME_BAD : interner.latin1(scratch, length);
};
