/** Room for one page at a time, which all columns share: what is in it is of the page at hand. */
import { ByteBuffer } from './byte-buffer.ts';
import { PageWords } from './page-words.ts';

export class PageRoom {
  /** Levels and values of the page. */
  readonly body = new ByteBuffer();
  /** Texts of a page of its own words. */
  readonly texts = new ByteBuffer();
  readonly words = new PageWords();
  levels = new Int32Array(0);
  indexes = new Int32Array(0);
  /** Numbers without NULLs, or lengths. */
  dense = new Float64Array(0);
  lengths = new Float64Array(0);

  /** Makes room for `count` places. */
  reserve(count: number): void {
    if (this.levels.length >= count) return;
    this.levels = new Int32Array(2 * count);
    this.indexes = new Int32Array(2 * count);
    this.dense = new Float64Array(2 * count);
    this.lengths = new Float64Array(2 * count);
  }
}
