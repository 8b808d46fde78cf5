/** Whole numbers as packed differences (Encodings.md, "Delta Encoding", DELTA_BINARY_PACKED). */
import type { ByteBuffer } from './byte-buffer.ts';
import { bitWidth, PACKED, pack } from './pack.ts';

const MINIBLOCKS = 4;
const BLOCK = MINIBLOCKS * PACKED;
const TWO_32 = 2 ** 32;

/** Numbers that may be written so lie within this of 0: their differences are exact, with room for a sign. */
export const DELTA_LIMIT = 2 ** 51;

/** The differences of a block, and those of a miniblock above the least. */
const deltas = new Float64Array(BLOCK);
const offsets = new Int32Array(PACKED);

/** Bits that hold 0 to `greatest`, a whole number below 2^53. */
export const wideBitWidth = (greatest: number): number =>
  greatest < TWO_32 ? bitWidth(greatest) : 32 + bitWidth(Math.floor(greatest / TWO_32));

/** Puts the differences of `count` values from those before them into `deltas`, and gives the least. */
const subtract = (values: Float64Array, start: number, count: number): number => {
  let before = values[start - 1]!;
  let least = values[start]! - before;
  for (let i = 0; i < count; i++) {
    const value = values[start + i]!;
    const delta = value - before;
    deltas[i] = delta;
    if (delta < least) least = delta;
    before = value;
  }
  return least;
};

/**
 * Puts the differences of a miniblock above the least into `offsets`; of those of more than 32 bits, the low ones.
 *
 * @returns a number that takes as many bits as the greatest
 */
const toOffsets = (first: number, least: number): number => {
  let greatest = 0;
  let bits = 0;
  for (let i = 0; i < PACKED; i++) {
    const offset = deltas[first + i]! - least;
    offsets[i] = offset;
    bits |= offset;
    if (offset >= TWO_32 && offset > greatest) greatest = offset;
  }
  return greatest > 0 ? greatest : bits >>> 0;
};

/** Differences of more than 32 bits, which are rare: 32 bits of each, and the others behind them. */
const packWide = (view: DataView, start: number, first: number, least: number, width: number): void => {
  let at = start;
  // The bits of the word that is not full.
  let word = 0;
  let used = 0;
  for (let i = first; i < first + PACKED; i++) {
    const offset = deltas[i]! - least;
    const low = offset | 0;
    view.setInt32(at, word | (low << used), true);
    at += 4;
    // A shift by 32 would be one by 0.
    word = used === 0 ? 0 : low >>> (32 - used);
    const high = Math.floor(offset / TWO_32);
    word |= high << used;
    used += width - 32;
    if (used < 32) continue;
    view.setInt32(at, word, true);
    at += 4;
    used -= 32;
    word = used === 0 ? 0 : high >>> (width - 32 - used);
  }
};

/** Writes the first `count` values, whole numbers within DELTA_LIMIT, at least one. */
export const writeDeltas = (out: ByteBuffer, values: Float64Array, count: number): void => {
  out.varint(BLOCK);
  out.varint(MINIBLOCKS);
  out.varint(count);
  out.zigzag(values[0]!);
  for (let start = 1; start < count; start += BLOCK) {
    const filled = Math.min(BLOCK, count - start);
    const least = subtract(values, start, filled);
    // What is missing in the last block costs no bits.
    if (filled < BLOCK) deltas.fill(least, filled);
    out.zigzag(least);
    const bytes = out.reserve(MINIBLOCKS + BLOCK * 8);
    const widths = out.length;
    let at = widths + MINIBLOCKS;
    for (let mini = 0; mini < MINIBLOCKS; mini++) {
      const first = mini * PACKED;
      // A miniblock behind the last value has a width, and no bytes.
      const width = wideBitWidth(toOffsets(first, least));
      bytes[widths + mini] = width;
      if (width > 32) packWide(out.view, at, first, least, width);
      else if (width > 0) pack(out.view, at, offsets, 0, width);
      at += 4 * width;
    }
    out.length = at;
  }
};
