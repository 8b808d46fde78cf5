/** Texts: indexes into a dictionary, or lengths and bytes where nearly each is another. */
import { ByteBuffer } from './byte-buffer.ts';
import { writeDeltas } from './delta-packed.ts';
import { Encoding, Physical } from './format.ts';
import { bitWidth } from './pack.ts';
import type { PageRoom } from './page-room.ts';
import { writeHybrid } from './run-length.ts';
import { TextRange } from './text-range.ts';
import { writeText } from './utf8.ts';
import type { EncodedChunk, EncodedPage, ValueEncoder } from './value-encoder.ts';
import type { Words } from './words.ts';

/** Different words among the values of a page from which a dictionary only adds to them. */
const VARIED_SHARE = 0.75;

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
    const page = this.#room.words;
    page.look(codes, count, this.#words.codes);
    if (count > 8 && page.size > VARIED_SHARE * count) {
      this.#writeTexts(codes, count, out);
      return { encoding: Encoding.DELTA_LENGTH_BYTE_ARRAY, compression: 'repeats' };
    }
    const { codes: indexes, size } = page;
    for (let i = 0; i < size; i++) indexes[i] = this.#index(indexes[i]!);
    page.replacePlaces(count);
    const width = bitWidth(this.#size - 1);
    out.byte(width);
    writeHybrid(out, page.places, count, width);
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

  #index(code: number): number {
    const id = this.#words.id(code);
    if (id >= this.#indexes.length) {
      const grown = new Int32Array(Math.max(2 * this.#indexes.length, id + 1));
      grown.set(this.#indexes);
      this.#indexes = grown;
    }
    const known = this.#indexes[id]!;
    if (known !== 0) return known - 1;
    const out = this.#dictionary;
    out.reserve(4);
    const start = out.length;
    out.length += 4;
    writeText(out, this.#words.text(code));
    const length = out.length - start - 4;
    for (let i = 0; i < 4; i++) out.bytes[start + i] = length >>> (8 * i);
    this.#range.add(out.bytes, start + 4, out.length);
    this.#indexes[id] = ++this.#size;
    return this.#size - 1;
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
