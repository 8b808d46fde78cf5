/** Bit packing (Encodings.md): the inner loops of indexes, levels and differences. */

/**
 * Values that are packed at once: as many words as a value has bits, whatever the width.
 *
 * The loops of this folder are functions of their own that take some values at a time: those that are called often are
 * compiled early, where one long run would stay in the interpreter for most of a small import.
 */
export const PACKED = 32;

/** Values side by side. */
const joined = new Int32Array(PACKED / 2);

const joinTwo = (values: Int32Array, start: number, width: number): void => {
  for (let i = 0; i < PACKED / 2; i++) {
    const at = start + 2 * i;
    joined[i] = values[at]! | (values[at + 1]! << width);
  }
};

const joinFour = (values: Int32Array, start: number, width: number): void => {
  for (let i = 0; i < PACKED / 4; i++) {
    const at = start + 4 * i;
    joined[i] =
      values[at]! | (values[at + 1]! << width) | (values[at + 2]! << (2 * width)) | (values[at + 3]! << (3 * width));
  }
};

/** Packs `count` values of `width` bits, which fill whole words, and tells where the next bytes go. */
const packWords = (
  view: DataView,
  at: number,
  values: Int32Array,
  start: number,
  count: number,
  width: number,
): number => {
  let next = at;
  let word = 0;
  let used = 0;
  for (let i = start; i < start + count; i++) {
    const value = values[i]!;
    word |= value << used;
    used += width;
    if (used >= 32) {
      view.setInt32(next, word, true);
      next += 4;
      used -= 32;
      // A shift by 32 would be one by 0.
      word = used === 0 ? 0 : value >>> (width - used);
    }
  }
  return next;
};

/**
 * Packs PACKED values of `width` bits, 1 to 32, the least significant bits first, into 4 * width bytes.
 *
 * Those of which several fit into a word are joined first: what costs is to ask after each whether the word is full.
 *
 * @returns where the next bytes go
 */
export const pack = (view: DataView, at: number, values: Int32Array, start: number, width: number): number => {
  if (width <= 8) {
    joinFour(values, start, width);
    return packWords(view, at, joined, 0, PACKED / 4, 4 * width);
  }
  if (width <= 16) {
    joinTwo(values, start, width);
    return packWords(view, at, joined, 0, PACKED / 2, 2 * width);
  }
  return packWords(view, at, values, start, PACKED, width);
};

/** Bits that hold 0 to `greatest`, a whole number below 2^32. */
export const bitWidth = (greatest: number): number => 32 - Math.clz32(greatest);
