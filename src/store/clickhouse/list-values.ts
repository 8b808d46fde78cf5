/** Lists: for each row where its list ends, then the values of all lists. */
import type { SealedColumn } from '../../tickets/batch.ts';
import type { ByteBuffer } from '../parquet/byte-buffer.ts';
import type { Words } from '../parquet/words.ts';
import { TextValues } from './text-values.ts';
import { writeUint64, writeWhole } from './whole-numbers.ts';

const FIRST_VALUES = 1024;

/** Whole numbers without NULL. */
class CountList {
  #words = new Int32Array(0);
  // A count of a list is never NULL; one that is beyond 64 bits becomes 0.
  #nulls = new Uint8Array(0);

  add(column: SealedColumn, places: Int32Array, at: number): void {
    const needed = at + places.length;
    if (2 * needed > this.#words.length) {
      const grown = new Int32Array(Math.max(2 * needed, 2 * this.#words.length, FIRST_VALUES));
      grown.set(this.#words);
      this.#words = grown;
      this.#nulls = new Uint8Array(grown.length / 2);
    }
    writeWhole(column.values as Float64Array, places, this.#words, this.#nulls, at);
  }

  end(out: ByteBuffer, count: number): void {
    out.append(new Uint8Array(this.#words.buffer, 0, 8 * count));
    this.#words.fill(0, 0, 2 * count);
  }
}

export class ListValues {
  readonly #values: TextValues | CountList;
  /** By row of the block, as far as lists were added: where its list ends. */
  readonly #ends: number[] = [];
  #places = new Int32Array(0);

  constructor(kind: 'texts' | 'counts', words: Words) {
    this.#values = kind === 'texts' ? new TextValues(words, true) : new CountList();
  }

  get isUsed(): boolean {
    return (this.#ends.at(-1) ?? 0) > 0;
  }

  add(column: SealedColumn, rows: Int32Array, at: number): void {
    const offsets = column.offsets!;
    const ends = this.#ends;
    const start = ends.at(-1) ?? 0;
    while (ends.length < at) ends.push(start);
    if (this.#places.length < column.values.length) this.#places = new Int32Array(column.values.length);
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      for (let place = offsets[row]!; place < offsets[row + 1]!; place++) this.#places[count++] = place;
      ends.push(start + count);
    }
    this.#values.add(column, this.#places.subarray(0, count), start);
  }

  end(out: ByteBuffer, rows: number): void {
    const count = this.#ends.at(-1) ?? 0;
    for (let row = 0; row < rows; row++) writeUint64(out, this.#ends[row] ?? count);
    this.#values.end(out, count);
    this.#ends.length = 0;
  }
}
