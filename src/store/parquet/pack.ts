/** Bit packing (Encodings.md): the inner loops of indexes, levels and differences. */

/**
 * Values that are packed at once: as many words as a value has bits, whatever the width.
 *
 * The loops of this folder are functions of their own that take some values at a time: those that are called often are
 * compiled early, where one long run would stay in the interpreter for most of a small import.
 */
export const PACKED = 32;

/**
 * Packs PACKED values of `width` bits, 1 to 32, the least significant bits first, into 4 * width bytes.
 *
 * @returns where the next bytes go
 */
export const pack = (bytes: Uint8Array, at: number, values: Int32Array, start: number, width: number): number => {
  let next = at;
  let word = 0;
  let used = 0;
  for (let i = start; i < start + PACKED; i++) {
    const value = values[i]!;
    word |= value << used;
    used += width;
    if (used >= 32) {
      bytes[next] = word;
      bytes[next + 1] = word >>> 8;
      bytes[next + 2] = word >>> 16;
      bytes[next + 3] = word >>> 24;
      next += 4;
      used -= 32;
      // A shift by 32 would be one by 0.
      word = used === 0 ? 0 : value >>> (width - used);
    }
  }
  return next;
};

/** Bits that hold 0 to `greatest`, a whole number below 2^32. */
export const bitWidth = (greatest: number): number => 32 - Math.clz32(greatest);
