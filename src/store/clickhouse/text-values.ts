/** Texts: as String, or as LowCardinality(String) a dictionary of the words of the block and an index a row. */
import type { SealedColumn } from '../../tickets/batch.ts';
import { ByteBuffer } from '../parquet/byte-buffer.ts';
import { writeText } from '../parquet/utf8.ts';
import type { Words } from '../parquet/words.ts';
import { writeUint64 } from './whole-numbers.ts';

/** SerializationLowCardinality: keys that belong to this block alone, and indexes of 1, 2 or 4 bytes (0, 1, 2). */
const KEYS_VERSION = 1;
const HAS_ADDITIONAL_KEYS = 1 << 9;

const FIRST_ROWS = 1024;

export class TextValues {
  readonly #words: Words;
  readonly #isSpelledOut: boolean;
  /** Length and bytes of each word, '' first, for that is what rows without a text hold. */
  readonly #dictionary = new ByteBuffer();
  readonly #word = new ByteBuffer();
  /** By index of a word: where it starts, and behind the last one where that ends. */
  readonly #starts = [0, 1];
  /** By id of a word: its index, or 0. */
  #places = new Int32Array(64);
  #indexes = new Int32Array(0);

  /** @param isSpelledOut as String */
  constructor(words: Words, isSpelledOut: boolean) {
    this.#words = words;
    this.#isSpelledOut = isSpelledOut;
    this.#dictionary.varint(0);
  }

  get isUsed(): boolean {
    return this.#starts.length > 2;
  }

  add(column: SealedColumn, rows: Int32Array, at: number): void {
    this.#reserve(at + rows.length);
    const codes = column.values as Int32Array;
    const { ids } = this.#words;
    const indexes = this.#indexes;
    for (let i = 0; i < rows.length; i++) {
      const code = codes[rows[i]!]!;
      if (code === 0) continue;
      const place = this.#places[ids[code]!];
      indexes[at + i] = place === undefined || place === 0 ? this.#add(code) : place;
    }
  }

  end(out: ByteBuffer, rows: number): void {
    this.#reserve(rows);
    if (this.#isSpelledOut) this.#writeTexts(out, rows);
    else this.#writeIndexes(out, rows);
    this.#indexes.fill(0, 0, rows);
    this.#places.fill(0);
    this.#starts.length = 2;
    this.#dictionary.length = 1;
  }

  #writeTexts(out: ByteBuffer, rows: number): void {
    const starts = this.#starts;
    const words = this.#dictionary.bytes;
    let length = 0;
    for (let row = 0; row < rows; row++) length += starts[this.#indexes[row]! + 1]! - starts[this.#indexes[row]!]!;
    const bytes = out.reserve(length);
    let next = out.length;
    for (let row = 0; row < rows; row++) {
      const index = this.#indexes[row]!;
      const end = starts[index + 1]!;
      // Most are too short for a call to pay.
      for (let i = starts[index]!; i < end; i++) bytes[next++] = words[i]!;
    }
    out.length = next;
  }

  #writeIndexes(out: ByteBuffer, rows: number): void {
    const size = this.#starts.length - 1;
    const width = size <= 2 ** 8 ? 0 : size <= 2 ** 16 ? 1 : 2;
    writeUint64(out, KEYS_VERSION);
    writeUint64(out, HAS_ADDITIONAL_KEYS + width);
    writeUint64(out, size);
    out.append(this.#dictionary.written);
    writeUint64(out, rows);
    const narrow = [Uint8Array, Uint16Array, Int32Array][width]!.from(this.#indexes.subarray(0, rows));
    out.append(new Uint8Array(narrow.buffer));
  }

  /** Adds a word, and gives its index. */
  #add(code: number): number {
    const text = this.#words.text(code);
    if (text === '') return 0;
    const id = this.#words.id(code);
    if (id >= this.#places.length) {
      const grown = new Int32Array(Math.max(2 * this.#places.length, id + 1));
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#word.clear();
    writeText(this.#word, text);
    this.#dictionary.varint(this.#word.length);
    this.#dictionary.append(this.#word.written);
    this.#places[id] = this.#starts.length - 1;
    return this.#starts.push(this.#dictionary.length) - 2;
  }

  #reserve(rows: number): void {
    if (rows <= this.#indexes.length) return;
    const grown = new Int32Array(Math.max(rows, 2 * this.#indexes.length, FIRST_ROWS));
    grown.set(this.#indexes);
    this.#indexes = grown;
  }
}
