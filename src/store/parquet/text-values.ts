/** Texts: indexes into a dictionary, or lengths and bytes where nearly each is another. */
import { ByteBuffer } from './byte-buffer.ts';
import { writeDeltas } from './delta-packed.ts';
import { Encoding, Physical } from './format.ts';
import { bitWidth } from './pack.ts';
import type { PageRoom } from './page-room.ts';
import { writeHybrid, writeRun } from './run-length.ts';
import { TextRange } from './text-range.ts';
import { writeText } from './utf8.ts';
import type { EncodedChunk, EncodedPage, ValueEncoder } from './value-encoder.ts';
import type { Words } from './words.ts';

/** New words among the values of a page from which a dictionary only adds to them. */
const VARIED_SHARE = 0.75;
/** A page of fewer values is never varied. */
const MIN_VARIED = 9;
/** Some values at a time, as in pack.ts. */
const STEP = 256;

const areEqual = (codes: Int32Array, count: number): boolean => {
  const code = codes[0];
  for (let i = 1; i < count; i++) if (codes[i] !== code) return false;
  return true;
};

export class TextValues implements ValueEncoder {
  readonly physical = Physical.BYTE_ARRAY;
  readonly #words: Words;
  /** Words in the plain encoding: length and bytes. */
  readonly #dictionary = new ByteBuffer();
  #size = 0;
  /** By id of a word: its index plus one, or 0. */
  #indexes = new Int32Array(64);
  readonly #range = new TextRange();
  readonly #room: PageRoom;

  constructor(words: Words, room: PageRoom) {
    this.#words = words;
    this.#room = room;
  }

  encode(codes: Int32Array, count: number, out: ByteBuffer): EncodedPage {
    const { indexes } = this.#room;
    this.#reserve();
    const isRun = areEqual(codes, count);
    if (isRun) this.#indexSome(codes, 0, 1, indexes);
    else if (!this.#indexAll(codes, count, indexes)) {
      this.#writeTexts(codes, count, out);
      return { encoding: Encoding.DELTA_LENGTH_BYTE_ARRAY, compression: 'repeats' };
    }
    const width = bitWidth(this.#size - 1);
    out.byte(width);
    if (isRun) writeRun(out, indexes[0]!, count, width);
    else writeHybrid(out, indexes, count, width);
    return { encoding: Encoding.RLE_DICTIONARY, compression: 'none' };
  }

  finish(): EncodedChunk {
    const chunk = {
      dictionary: this.#size === 0 ? undefined : { count: this.#size, bytes: this.#dictionary.written.slice() },
      range: this.#range.take(),
    };
    this.#dictionary.clear();
    this.#indexes.fill(0);
    this.#size = 0;
    return chunk;
  }

  /** Puts the index of each value into `indexes`; false, and nothing is kept, if nearly each is a new word. */
  #indexAll(codes: Int32Array, count: number, indexes: Int32Array): boolean {
    const words = this.#words.size;
    const size = this.#size;
    const { length } = this.#dictionary;
    const most = count < MIN_VARIED ? count : VARIED_SHARE * count;
    for (let start = 0; start < count; start += STEP) {
      this.#indexSome(codes, start, Math.min(start + STEP, count), indexes);
      if (this.#size - size <= most) continue;
      this.#words.cut(words);
      for (let id = 0; id < this.#indexes.length; id++) if (this.#indexes[id]! > size) this.#indexes[id] = 0;
      this.#size = size;
      this.#dictionary.length = length;
      return false;
    }
    return true;
  }

  #indexSome(codes: Int32Array, start: number, end: number, indexes: Int32Array): void {
    const { ids } = this.#words;
    let known = this.#indexes;
    for (let i = start; i < end; i++) {
      const code = codes[i]!;
      let place = known[ids[code]!]!;
      if (place === 0) {
        place = this.#add(code);
        known = this.#indexes;
      }
      indexes[i] = place - 1;
    }
  }

  /** Makes room for all words that have an id. */
  #reserve(): void {
    const { size } = this.#words;
    if (size < this.#indexes.length) return;
    const grown = new Int32Array(2 * size);
    grown.set(this.#indexes);
    this.#indexes = grown;
  }

  /** Adds a word, and gives its index plus one. */
  #add(code: number): number {
    const id = this.#words.id(code);
    this.#reserve();
    const out = this.#dictionary;
    out.reserve(4);
    const start = out.length;
    out.length += 4;
    writeText(out, this.#words.text(code));
    out.view.setUint32(start, out.length - start - 4, true);
    this.#range.add(out.bytes, start + 4, out.length);
    this.#indexes[id] = ++this.#size;
    return this.#size;
  }

  #writeTexts(codes: Int32Array, count: number, out: ByteBuffer): void {
    const { texts, lengths } = this.#room;
    texts.clear();
    for (let i = 0; i < count; i++) {
      const start = texts.length;
      writeText(texts, this.#words.text(codes[i]!));
      lengths[i] = texts.length - start;
      this.#range.add(texts.bytes, start, texts.length);
    }
    writeDeltas(out, lengths, count);
    out.append(texts.written);
  }
}
