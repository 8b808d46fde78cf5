/** A bit stream that is read from its end towards its start (RFC 8878 4.1). */
import { corrupt } from './corrupt.ts';

/**
 * Bits of `bytes[start..end)`, the last one first. The highest set bit of the last byte is only a mark of the end.
 *
 * `left` becomes negative when more was read than there is; whoever reads checks it, once for a group of reads.
 */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  /** Bits not yet read. */
  left: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    const last = end > start ? bytes[end - 1]! : 0;
    if (last === 0) throw corrupt('a bit stream without an end mark');
    this.#bytes = bytes;
    this.#start = start;
    this.left = 8 * (end - start - 1) + 31 - Math.clz32(last);
  }

  /** The next `count` bits (at most 24) as a number; bits beyond the start are zero. */
  read(count: number): number {
    this.left -= count;
    const value = this.peekAt(this.left);
    return value & ((1 << count) - 1);
  }

  /** At least 24 bits from bit `position` upwards, which may lie before the start. */
  peekAt(position: number): number {
    if (position < 0) return position < -24 ? 0 : this.peekAt(0) << -position;
    const bytes = this.#bytes;
    const at = this.#start + (position >> 3);
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> (position & 7);
  }
}
