/** Host names as they stand in TLS and HTTP: bytes to the text that names are compared by. */
import { StringCache } from '../kit/string-cache.ts';
import { escapeBytes } from './escape-bytes.ts';

/** The longest name that DNS can hold, in bytes. */
const MAX_HOST_BYTES = 255;

const scratch = Buffer.alloc(MAX_HOST_BYTES);
const texts = new StringCache();

/** Is every byte one that needs no escape? Writes them in lower case meanwhile: nearly all host names are of this kind. */
const writePlain = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte <= 0x20 || byte >= 0x7f || byte === 0x5c) return false;
    scratch[i - start] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
  }
  return true;
};

/**
 * The host name in [start, end) in lower case, without final dot; bytes that are not printable ASCII as `\DDD`, a
 * backslash as `\\`, as in names of DNS.
 *
 * @returns '' for what is longer than a name can be
 */
export const hostText = (bytes: Uint8Array, start: number, end: number): string => {
  const last = end > start && bytes[end - 1] === 0x2e ? end - 1 : end;
  if (last - start > MAX_HOST_BYTES) return '';
  if (writePlain(bytes, start, last)) return texts.latin1(scratch, last - start);
  return escapeBytes(bytes, start, last).toLowerCase();
};
