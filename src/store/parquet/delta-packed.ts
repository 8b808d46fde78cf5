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

/** Puts the differences of `count` values from those before them into `deltas`. */
const subtract = (values: Float64Array, start: number, count: number): void => {
  let before = values[start - 1]!;
  for (let i = 0; i < count; i++) {
    const value = values[start + i]!;
    deltas[i] = value - before;
    before = value;
  }
};

const leastDelta = (count: number): number => {
  let least = deltas[0]!;
  for (let i = 1; i < count; i++) if (deltas[i]! < least) least = deltas[i]!;
  return least;
};

const greatestDelta = (first: number): number => {
  let greatest = deltas[first]!;
  for (let i = first + 1; i < first + PACKED; i++) if (deltas[i]! > greatest) greatest = deltas[i]!;
  return greatest;
};

/** 32 bits of each difference of a miniblock above the least; of wider ones, the low bits. */
const toOffsets = (first: number, least: number): void => {
  for (let i = 0; i < PACKED; i++) offsets[i] = deltas[first + i]! - least;
};

/** Differences of more than 32 bits, bit by byte, since they are rare. */
const packWide = (bytes: Uint8Array, start: number, first: number, least: number, width: number): void => {
  let at = start;
  // The bits of the byte that is not full; a sum below 2^53 stays exact.
  let bits = 0;
  let used = 0;
  for (let i = first; i < first + PACKED; i++) {
    let value = deltas[i]! - least;
    for (let left = width; left > 0; ) {
      const taken = Math.min(left, 8 - used);
      bits += (value % 2 ** taken) * 2 ** used;
      value = Math.floor(value / 2 ** taken);
      left -= taken;
      used += taken;
      if (used < 8) continue;
      bytes[at++] = bits;
      bits = 0;
      used = 0;
    }
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
    subtract(values, start, filled);
    const least = leastDelta(filled);
    // What is missing in the last block costs no bits.
    if (filled < BLOCK) deltas.fill(least, filled);
    out.zigzag(least);
    const bytes = out.reserve(MINIBLOCKS + BLOCK * 8);
    const widths = out.length;
    let at = widths + MINIBLOCKS;
    for (let mini = 0; mini < MINIBLOCKS; mini++) {
      const first = mini * PACKED;
      // A miniblock behind the last value has a width, and no bytes.
      const width = wideBitWidth(greatestDelta(first) - least);
      bytes[widths + mini] = width;
      if (width > 32) packWide(bytes, at, first, least, width);
      else if (width > 0) {
        toOffsets(first, least);
        pack(bytes, at, offsets, 0, width);
      }
      at += 4 * width;
    }
    out.length = at;
  }
};
