/** One buffer that slides over a source of bytes, so that a parser finds each record whole. */
import type { Readable } from './byte-source.ts';

/**
 * Holds the bytes `[start..end)` that have been read and not yet consumed.
 *
 * Whoever consumes moves `start`. What is left moves to the front before the next read, and the buffer grows only when
 * a record is longer than all of it; the caller bounds records.
 */
export class ByteWindow implements Readable {
  bytes: Uint8Array;
  view: DataView;
  start = 0;
  end = 0;
  readonly #source: Readable;
  /** Offset in the source of `bytes[0]`. */
  #base = 0;

  constructor(source: Readable, size: number) {
    this.#source = source;
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Offset in the source of the first byte not consumed. */
  get offset(): number {
    return this.#base + this.start;
  }

  /** Bytes read and not consumed. */
  get held(): number {
    return this.end - this.start;
  }

  /**
   * Reads once; returns how many bytes came, 0 at the end of the source.
   *
   * @param needed bytes that the record at `start` has, if that is known; makes room for all of it
   */
  fill(needed: number): number | Promise<number> {
    this.#makeRoom(needed);
    const count = this.#source.read(this.bytes, this.end);
    if (typeof count === 'number') {
      this.end += count;
      return count;
    }
    return count.then((late) => {
      this.end += late;
      return late;
    });
  }

  /** Reads until at least `size` bytes are held; false if the source ends before. */
  async hold(size: number): Promise<boolean> {
    while (this.held < size) {
      if ((await this.fill(size)) === 0) return false;
    }
    return true;
  }

  /** Gives away what is held, then what the source has: the window as a source for a decompressor. */
  read(into: Uint8Array, from: number): number | Promise<number> {
    if (this.held === 0) return this.#source.read(into, from);
    const count = Math.min(this.held, into.length - from);
    into.set(this.bytes.subarray(this.start, this.start + count), from);
    this.start += count;
    return count;
  }

  #makeRoom(needed: number): void {
    const old = this.bytes;
    if (needed > old.length) {
      this.bytes = new Uint8Array(2 ** Math.ceil(Math.log2(needed)));
      this.view = new DataView(this.bytes.buffer);
      this.bytes.set(old.subarray(this.start, this.end));
    } else if (this.start > 0) old.copyWithin(0, this.start, this.end);
    this.#base += this.start;
    this.end -= this.start;
    this.start = 0;
  }
}
