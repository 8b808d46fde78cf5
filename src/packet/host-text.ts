/** Host names as they stand in TLS and HTTP: bytes to the text that names are compared by. */
import type { Interner } from '../kit/interner.ts';
import { lowerOf } from './ascii.ts';
import { escapeBytes, isPlain } from './escape-bytes.ts';

/** The longest name that DNS can hold, in bytes. */
const MAX_HOST_BYTES = 255;

const scratch = Buffer.alloc(MAX_HOST_BYTES);

/** Is every byte plain? Writes them in lower case meanwhile: nearly all host names are of this kind. */
const writePlain = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (!isPlain(byte)) return false;
    scratch[i - start] = lowerOf(byte);
  }
  return true;
};

const withoutDot = (bytes: Uint8Array, start: number, end: number): number =>
  end > start && bytes[end - 1] === 0x2e ? end - 1 : end;

/**
 * The host name in [start, end) in lower case, without final dot; bytes that are not printable ASCII as `\DDD`, a
 * backslash as `\\`, as in names of DNS.
 *
 * @returns '' for what is longer than a name can be
 */
export const hostText = (bytes: Uint8Array, start: number, end: number): string => {
  const last = withoutDot(bytes, start, end);
  if (last - start > MAX_HOST_BYTES) return '';
  if (writePlain(bytes, start, last)) return scratch.toString('latin1', 0, last - start);
  return escapeBytes(bytes, start, last).toLowerCase();
};

/** The same as an interner code: no string is made of a name that is known. */
export const internHost = (bytes: Uint8Array, start: number, end: number, interner: Interner): number => {
  const last = withoutDot(bytes, start, end);
  if (last - start <= MAX_HOST_BYTES && writePlain(bytes, start, last)) return interner.latin1(scratch, last - start);
  return interner.code(hostText(bytes, start, end));
};
