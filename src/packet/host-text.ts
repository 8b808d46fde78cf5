/** Host names as they stand in TLS and HTTP: bytes to the text that names are compared by. */
import { escapeBytes } from './escape-bytes.ts';

/** The longest name that DNS can hold, in bytes. */
const MAX_HOST_BYTES = 255;

/**
 * The host name in [start, end) in lower case, without final dot; bytes that are not printable ASCII as `\DDD`, a
 * backslash as `\\`, as in names of DNS.
 *
 * @returns '' for what is longer than a name can be
 */
export const hostText = (bytes: Uint8Array, start: number, end: number): string => {
  const last = end > start && bytes[end - 1] === 0x2e ? end - 1 : end;
  return last - start > MAX_HOST_BYTES ? '' : escapeBytes(bytes, start, last).toLowerCase();
};
