/** Ids of 16 hex digits: how many each has in common with the one before, and the others (Encodings.md, DELTA_BYTE_ARRAY). */
import type { ByteBuffer } from './byte-buffer.ts';
import { writeDeltas } from './delta-packed.ts';
import { Encoding, Physical } from './format.ts';
import type { PageRoom } from './page-room.ts';
import type { EncodedChunk, EncodedPage, ValueEncoder } from './value-encoder.ts';

const DIGITS = 16;

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

const lengthOf = (words: Int32Array, i: number): number => ((words[2 * i]! | words[2 * i + 1]!) === 0 ? 0 : DIGITS);

/** Digits that an id has in common with the one before, from the first one on. */
const commonDigits = (words: Int32Array, i: number): number => {
  if (i === 0 || lengthOf(words, i) === 0 || lengthOf(words, i - 1) === 0) return 0;
  const high = words[2 * i]! ^ words[2 * i - 2]!;
  if (high !== 0) return Math.clz32(high) >> 2;
  return 8 + (Math.clz32(words[2 * i + 1]! ^ words[2 * i - 1]!) >> 2);
};

/** Writes the digits of an id from the given one on, and tells where the next ones go. */
const writeDigits = (words: Int32Array, i: number, from: number, bytes: Uint8Array, at: number): number => {
  let next = at;
  for (let digit = from; digit < DIGITS; digit++) {
    const word = words[2 * i + (digit >> 3)]!;
    bytes[next++] = digits[(word >>> (28 - 4 * (digit & 7))) & 15]!;
  }
  return next;
};

/** Below 0 if id `i` comes before id `j` of others, as numbers without sign and so as texts. */
const compare = (words: Int32Array, i: number, others: Int32Array, j: number): number =>
  (words[2 * i]! >>> 0) - (others[2 * j]! >>> 0) || (words[2 * i + 1]! >>> 0) - (others[2 * j + 1]! >>> 0);

const plainOf = (words: Int32Array, i: number): Uint8Array => {
  const bytes = new Uint8Array(lengthOf(words, i));
  if (bytes.length > 0) writeDigits(words, i, 0, bytes, 0);
  return bytes;
};

export class IdValues implements ValueEncoder {
  readonly physical = Physical.BYTE_ARRAY;
  readonly #room: PageRoom;
  /** The least id of the chunk and the greatest. */
  readonly #range = new Int32Array(4);
  #hasRange = false;

  constructor(room: PageRoom) {
    this.#room = room;
  }

  /** Two words an id, the high one first; both 0 are ''. */
  encode(words: Int32Array, count: number, out: ByteBuffer): EncodedPage {
    const { dense: common, lengths, texts } = this.#room;
    texts.clear();
    const bytes = texts.reserve(DIGITS * count);
    if (!this.#hasRange) this.#range.set([words[0]!, words[1]!, words[0]!, words[1]!]);
    this.#hasRange = true;
    for (let i = 0; i < count; i++) {
      const length = lengthOf(words, i);
      const shared = commonDigits(words, i);
      common[i] = shared;
      lengths[i] = length - shared;
      if (length > 0) texts.length = writeDigits(words, i, shared, bytes, texts.length);
      if (compare(words, i, this.#range, 0) < 0) this.#range.set(words.subarray(2 * i, 2 * i + 2), 0);
      if (compare(words, i, this.#range, 1) > 0) this.#range.set(words.subarray(2 * i, 2 * i + 2), 2);
    }
    writeDeltas(out, common, count);
    writeDeltas(out, lengths, count);
    out.append(texts.written);
    return { encoding: Encoding.DELTA_BYTE_ARRAY, compression: 'symbols' };
  }

  finish(): EncodedChunk {
    const range = this.#hasRange ? { least: plainOf(this.#range, 0), greatest: plainOf(this.#range, 1) } : undefined;
    this.#hasRange = false;
    return { dictionary: undefined, range };
  }
}
