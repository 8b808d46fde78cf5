/** Doubles as signed numbers of 64 bits, the low word first. */
import type { ByteBuffer } from '../parquet/byte-buffer.ts';

const WORD = 2 ** 32;
/** Numbers beyond 64 bits are none; the greatest double below 2^63 is this. */
const LEAST = -(2 ** 63);
const GREATEST = 2 ** 63 - 1024;

/**
 * Puts the values of `rows` into `words` from place `at` on, and 0 into `nulls` where there is one. NaN leaves both as
 * they are. Tells whether there was any value.
 */
export const writeWhole = (
  values: Float64Array,
  rows: Int32Array,
  words: Int32Array,
  nulls: Uint8Array,
  at: number,
): boolean => {
  let isAny = false;
  for (let i = 0; i < rows.length; i++) {
    const value = Math.floor(values[rows[i]!]!);
    if (!(value >= LEAST && value <= GREATEST)) continue;
    const place = at + i;
    isAny = true;
    nulls[place] = 0;
    // A store into Int32Array takes the low 32 bits, of negative numbers too.
    words[2 * place] = value;
    words[2 * place + 1] = Math.floor(value / WORD);
  }
  return isAny;
};

/** Appends a number from 0 to 2^53. */
export const writeUint64 = (out: ByteBuffer, value: number): void => {
  out.reserve(8);
  out.view.setUint32(out.length, value % WORD, true);
  out.view.setUint32(out.length + 4, Math.floor(value / WORD), true);
  out.length += 8;
};
