/** Bytes of a message as text. */
import type { Interner } from '../kit/interner.ts';
import { lowerOf } from './ascii.ts';

const NOT_ASCII = 0x80;

const scratch = Buffer.alloc(256);

const bufferOf = (bytes: Uint8Array, start: number, end: number): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);

/** The text of [start, end) with a character for each byte. */
export const toLatin1 = (bytes: Uint8Array, start: number, end: number): string =>
  bufferOf(bytes, start, end).toString('latin1');

/** The text of [start, end); what is not UTF-8 becomes U+FFFD. */
export const toUtf8 = (bytes: Uint8Array, start: number, end: number): string =>
  bufferOf(bytes, start, end).toString('utf8');

/**
 * The interner code of `toUtf8`: most texts are short and ASCII, and of those that are known no string is made.
 *
 * @param lower is the text one of which case does not matter? It is told in lower case
 */
export const internUtf8 = (
  bytes: Uint8Array,
  start: number,
  end: number,
  interner: Interner,
  lower = false,
): number => {
  const length = end - start;
  let bits = length > scratch.length ? NOT_ASCII : 0;
  for (let i = 0; i < length && bits < NOT_ASCII; i++) {
    const byte = bytes[start + i]!;
    scratch[i] = lower ? lowerOf(byte) : byte;
    bits |= byte;
  }
  if (bits < NOT_ASCII) return interner.latin1(scratch, length);
  const text = toUtf8(bytes, start, end);
  return interner.code(lower ? text.toLowerCase() : text);
};
