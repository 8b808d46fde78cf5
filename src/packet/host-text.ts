/** Host names as they stand in TLS and HTTP: bytes to the text that names are compared by. */

/** The longest name that DNS can hold, in bytes. */
const MAX_HOST_BYTES = 255;

/**
 * The host name in [start, end): A-Z in lower case, no final dot; bytes that are not printable ASCII as `\DDD`, a
 * backslash as `\\`, as in names of DNS.
 *
 * @returns '' for what is longer than a name can be
 */
export const hostText = (bytes: Uint8Array, start: number, end: number): string => {
  if (end > start && bytes[end - 1] === 0x2e) end--;
  if (end - start > MAX_HOST_BYTES) return '';
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x41 && byte <= 0x5a) text += String.fromCharCode(byte | 0x20);
    else if (byte === 0x5c) text += '\\\\';
    else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${String(byte).padStart(3, '0')}`;
  }
  return text;
};
