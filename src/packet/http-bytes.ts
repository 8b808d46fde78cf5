/** Where things begin and end in the bytes of an HTTP/1 message. */

const SPACE = 0x20;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const NO_BREAK_SPACE = 0xa0;

/** White space of Latin-1. */
const isSpace = (byte: number): boolean => byte === SPACE || (byte >= TAB && byte <= CR) || byte === NO_BREAK_SPACE;

export const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;

export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** The first byte of [start, end) that is no white space, or `end`. */
export const skipSpace = (bytes: Uint8Array, start: number, end: number): number => {
  let at = start;
  while (at < end && isSpace(bytes[at]!)) at++;
  return at;
};

/** The end of [start, end) without the white space there. */
export const trimmedEnd = (bytes: Uint8Array, start: number, end: number): number => {
  let at = end;
  while (at > start && isSpace(bytes[at - 1]!)) at--;
  return at;
};

/** The first `byte` of [start, end), or `end`. */
export const findByte = (bytes: Uint8Array, byte: number, start: number, end: number): number => {
  let at = start;
  while (at < end && bytes[at] !== byte) at++;
  return at;
};

/** Numbers of more digits are none. */
const MAX_DIGITS = 15;

/** The number that [start, end) writes in decimal digits; NaN if it is anything else. */
export const decimalOf = (bytes: Uint8Array, start: number, end: number): number => {
  if (start === end || end - start > MAX_DIGITS) return Number.NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    if (!isDigit(bytes[at]!)) return Number.NaN;
    value = 10 * value + bytes[at]! - 0x30;
  }
  return value;
};

/** The first byte after the line that begins at `start`; -1 if [start, end) does not hold its end. */
export const lineEndOf = (bytes: Uint8Array, start: number, end: number): number => {
  for (let at = start; at < end; at++) if (bytes[at] === LF) return at + 1;
  return -1;
};

/** Does [start, end) begin with `word`, as far as it goes? */
export const beginsLike = (bytes: Uint8Array, start: number, end: number, word: string): boolean => {
  const length = Math.min(word.length, end - start);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== word.charCodeAt(i)) return false;
  return true;
};
