/** Bytes as text that tells them all: printable ASCII as it is, the rest as `\DDD` (the escapes of RFC 1035 5.1). */

/** Is a byte a character that stands for itself in names and other words? */
export const isPlain = (byte: number): boolean => byte > 0x20 && byte < 0x7f && byte !== 0x5c;

/**
 * The text of [start, end). A backslash stands before each character of `special`, to which the backslash belongs.
 *
 * @example escapeBytes(Buffer.from('a b,c'), 0, 5, { special: ',\\' }) // 'a\\032b\\,c'
 */
export const escapeBytes = (
  bytes: Uint8Array,
  start: number,
  end: number,
  { special = '\\', keepSpaces = false }: { readonly special?: string; readonly keepSpaces?: boolean } = {},
): string => {
  const lowest = keepSpaces ? 0x20 : 0x21;
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    const character = String.fromCharCode(byte);
    if (special.includes(character)) text += `\\${character}`;
    else if (byte >= lowest && byte < 0x7f) text += character;
    else text += `\\${String(byte).padStart(3, '0')}`;
  }
  return text;
};
