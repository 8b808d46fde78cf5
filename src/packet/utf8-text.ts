/** Bytes of a message as text, of which much comes again and again. */
import { StringCache } from '../kit/string-cache.ts';

const scratch = Buffer.alloc(256);
const texts = new StringCache();

const bufferOf = (bytes: Uint8Array, start: number, end: number): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);

/** The text of [start, end) with a character for each byte. */
export const toLatin1 = (bytes: Uint8Array, start: number, end: number): string =>
  bufferOf(bytes, start, end).toString('latin1');

/** The text of [start, end); what is not UTF-8 becomes U+FFFD. */
export const toUtf8 = (bytes: Uint8Array, start: number, end: number): string =>
  bufferOf(bytes, start, end).toString('utf8');

/** As `toUtf8`, for what comes again: most of it is short and ASCII, and then the same string each time. */
export const utf8Text = (bytes: Uint8Array, start: number, end: number): string => {
  const length = end - start;
  if (length > scratch.length) return toUtf8(bytes, start, end);
  let bits = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i]!;
    scratch[i] = byte;
    bits |= byte;
  }
  return bits < 0x80 ? texts.latin1(scratch, length) : scratch.toString('utf8', 0, length);
};
