/** The hybrid of run lengths and bit packing (Encodings.md, "RLE/Bit-Packing Hybrid"): levels and dictionary indexes. */
import type { ByteBuffer } from './byte-buffer.ts';
import { PACKED, pack } from './pack.ts';

/** Equal values from which a run is written as its length. A multiple of 8, as packed runs are. */
const MIN_RUN = 24;

const rest = new Int32Array(PACKED);

/** `count` times `value`. */
export const writeRun = (out: ByteBuffer, value: number, count: number, width: number): void => {
  if (count === 0) return;
  out.varint(2 * count);
  for (let shift = 0; shift < width; shift += 8) out.byte(value >>> shift);
};

/** Packs values; the last ones are filled up to a multiple of 8 with zeros. */
const writePacked = (out: ByteBuffer, values: Int32Array, start: number, end: number, width: number): void => {
  const groups = (end - start + 7) >> 3;
  out.varint(2 * groups + 1);
  out.reserve(groups * width + 4 * width);
  let at = out.length;
  let next = start;
  for (; next + PACKED <= end; next += PACKED) at = pack(out.view, at, values, next, width);
  if (next < end) {
    rest.fill(0);
    for (let i = next; i < end; i++) rest[i - next] = values[i]!;
    pack(out.view, at, rest, 0, width);
  }
  out.length += groups * width;
};

/** How many values from `at` on, in eights, stand before the next place where MIN_RUN equal ones may begin; 0 if they do. */
const passOver = (values: Int32Array, at: number): number => {
  // From the end, so that what is no run costs one look for all MIN_RUN.
  let first = at + MIN_RUN - 1;
  const value = values[first]!;
  while (first > at && values[first - 1] === value) first--;
  return (first - at + 7) & ~7;
};

const endOfRun = (values: Int32Array, start: number, count: number): number => {
  const value = values[start]!;
  let end = start + 1;
  while (end < count && values[end] === value) end++;
  return end;
};

/** Values of at most `width` bits, 0 to 31. The reader must know their count. */
export const writeHybrid = (out: ByteBuffer, values: Int32Array, count: number, width: number): void => {
  if (width === 0) {
    writeRun(out, 0, count, 0);
    return;
  }
  let packed = 0;
  let at = 0;
  while (at + MIN_RUN <= count) {
    const passed = passOver(values, at);
    at += passed;
    if (passed > 0) continue;
    const end = endOfRun(values, at, count);
    if (at > packed) writePacked(out, values, packed, at, width);
    writeRun(out, values[at]!, end - at, width);
    packed = end;
    at = end;
  }
  if (count > packed) writePacked(out, values, packed, count, width);
};
