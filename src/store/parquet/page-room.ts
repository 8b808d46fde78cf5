/** Room for one page at a time, which all columns share: what is in it is of the page at hand. */
import { ByteBuffer } from './byte-buffer.ts';

export class PageRoom {
  /** Levels and values of the page. */
  readonly body = new ByteBuffer();
  /** Texts of a page of its own words. */
  readonly texts = new ByteBuffer();
  /** By place: 1 where there is a value, else 0. */
  levels = new Int32Array(0);
  indexes = new Int32Array(0);
  /** Numbers without NULLs, or lengths. */
  dense = new Float64Array(0);
  /** The range of those numbers, unless they are reals. */
  least = Number.POSITIVE_INFINITY;
  greatest = Number.NEGATIVE_INFINITY;
  lengths = new Float64Array(0);
  #zeros = new Int32Array(0);

  /** Makes room for `count` places. */
  reserve(count: number): void {
    if (this.levels.length >= count) return;
    this.levels = new Int32Array(2 * count);
    this.indexes = new Int32Array(2 * count);
    this.dense = new Float64Array(2 * count);
    this.lengths = new Float64Array(2 * count);
  }

  clearRange(): void {
    this.least = Number.POSITIVE_INFINITY;
    this.greatest = Number.NEGATIVE_INFINITY;
  }

  /** At least `count` times 0: codes or words of rows in which nothing was observed. */
  zeros(count: number): Int32Array {
    if (this.#zeros.length < count) this.#zeros = new Int32Array(count);
    return this.#zeros;
  }
}
