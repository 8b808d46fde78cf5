/** Booleans as run lengths and bits. */
import type { ByteBuffer } from './byte-buffer.ts';
import { Encoding, Physical } from './format.ts';
import type { PageRoom } from './page-room.ts';
import { writeHybrid } from './run-length.ts';
import type { EncodedChunk, EncodedPage, ValueEncoder } from './value-encoder.ts';

export class FlagValues implements ValueEncoder {
  readonly physical = Physical.BOOLEAN;
  readonly #room: PageRoom;
  /** By value: was it there? */
  readonly #seen = [false, false];

  constructor(room: PageRoom) {
    this.#room = room;
  }

  /** 1 is true, anything else false. */
  encode(values: Float64Array, count: number, out: ByteBuffer): EncodedPage {
    const { indexes: bits } = this.#room;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const bit = values[i] === 1 ? 1 : 0;
      bits[i] = bit;
      sum += bit;
    }
    this.#seen[0] ||= sum < count;
    this.#seen[1] ||= sum > 0;
    // Alone among the users of this encoding, booleans have its length in front.
    out.reserve(4);
    const start = out.length;
    out.length += 4;
    writeHybrid(out, bits, count, 1);
    const length = out.length - start - 4;
    for (let i = 0; i < 4; i++) out.bytes[start + i] = length >>> (8 * i);
    return { encoding: Encoding.RLE, compression: 'none' };
  }

  finish(): EncodedChunk {
    const [hasFalse, hasTrue] = this.#seen;
    this.#seen.fill(false);
    const range =
      hasFalse || hasTrue
        ? { least: Uint8Array.of(hasFalse ? 0 : 1), greatest: Uint8Array.of(hasTrue ? 1 : 0) }
        : undefined;
    return { dictionary: undefined, range };
  }
}
