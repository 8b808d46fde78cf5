/** 64-bit whole numbers: indexes into a dictionary where few differ, else packed differences. */
import { ByteBuffer } from './byte-buffer.ts';
import { DELTA_LIMIT, wideBitWidth, writeDeltas } from './delta-packed.ts';
import { Encoding, Physical } from './format.ts';
import { NumberDictionary } from './number-dictionary.ts';
import { bitWidth } from './pack.ts';
import type { PageRoom } from './page-room.ts';
import { writeHybrid, writeRun } from './run-length.ts';
import type { EncodedChunk, EncodedPage, ValueEncoder } from './value-encoder.ts';

const TWO_32 = 2 ** 32;
const WORD_BITS = 64;
const MAX_WORDS = 1 << 12;

/** A whole number as 64 bits, little-endian. */
const writeLong = (out: ByteBuffer, value: number): void => {
  const bytes = out.reserve(8);
  const high = Math.floor(value / TWO_32);
  const halves = [value - high * TWO_32, high];
  for (const half of halves) for (let shift = 0; shift < 32; shift += 8) bytes[out.length++] = half >>> shift;
};

const plainOf = (value: number): Uint8Array => {
  const out = new ByteBuffer();
  writeLong(out, value);
  return out.written;
};

export class CountValues implements ValueEncoder {
  readonly physical = Physical.INT64;
  readonly #dictionary = new NumberDictionary();
  /** Clocks repeat seldom, and a page that had too many words is followed by more of the kind. */
  #isVaried: boolean;
  readonly #isClock: boolean;
  readonly #room: PageRoom;
  #least = Number.POSITIVE_INFINITY;
  #greatest = Number.NEGATIVE_INFINITY;

  /** @param isClock values that are seldom equal */
  constructor(isClock: boolean, room: PageRoom) {
    this.#room = room;
    this.#isClock = isClock;
    this.#isVaried = isClock;
  }

  encode(values: Float64Array, count: number, out: ByteBuffer): EncodedPage {
    const { least, greatest } = this.#room;
    if (least < this.#least) this.#least = least;
    if (greatest > this.#greatest) this.#greatest = greatest;
    if (this.#writeIndexes(values, count, greatest - least, out))
      return { encoding: Encoding.RLE_DICTIONARY, compression: 'none' };
    if (least > -DELTA_LIMIT && greatest < DELTA_LIMIT) {
      writeDeltas(out, values, count);
      return { encoding: Encoding.DELTA_BINARY_PACKED, compression: 'none' };
    }
    for (let i = 0; i < count; i++) writeLong(out, values[i]!);
    return { encoding: Encoding.PLAIN, compression: 'repeats' };
  }

  finish(): EncodedChunk {
    const { words } = this.#dictionary;
    const bytes = new ByteBuffer();
    for (const word of words) writeLong(bytes, word);
    const chunk = {
      dictionary: words.length === 0 ? undefined : { count: words.length, bytes: bytes.written },
      range:
        this.#least > this.#greatest ? undefined : { least: plainOf(this.#least), greatest: plainOf(this.#greatest) },
    };
    this.#dictionary.clear();
    this.#isVaried = this.#isClock;
    this.#least = Number.POSITIVE_INFINITY;
    this.#greatest = Number.NEGATIVE_INFINITY;
    return chunk;
  }

  /** False, and nothing written, if a dictionary does not pay: new words may take half of what differences would. */
  #writeIndexes(values: Float64Array, count: number, spread: number, out: ByteBuffer): boolean {
    const { words } = this.#dictionary;
    if (spread === 0) {
      const index = this.#dictionary.index(values[0]!);
      const width = bitWidth(words.length - 1);
      out.byte(width);
      writeRun(out, index, count, width);
      return true;
    }
    if (this.#isVaried) return false;
    const { indexes } = this.#room;
    const worth = Math.max(1, Math.floor((count * (wideBitWidth(spread) + 1)) / (2 * WORD_BITS)));
    if (!this.#dictionary.indexAll(values, count, indexes, Math.min(worth, MAX_WORDS - words.length))) {
      this.#isVaried = true;
      return false;
    }
    const width = bitWidth(words.length - 1);
    out.byte(width);
    writeHybrid(out, indexes, count, width);
    return true;
  }
}
