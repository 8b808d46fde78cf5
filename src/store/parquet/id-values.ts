/** Ids of 16 hex digits: how many each has in common with the one before, and the others (Encodings.md, DELTA_BYTE_ARRAY). */
import type { ByteBuffer } from './byte-buffer.ts';
import { writeDeltas } from './delta-packed.ts';
import { Encoding, Physical } from './format.ts';
import type { PageRoom } from './page-room.ts';
import type { EncodedChunk, EncodedPage, ValueEncoder } from './value-encoder.ts';

const DIGITS = 16;

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** By byte: its two digits, the first one in the low bits. */
const pairs = Uint16Array.from({ length: 256 }, (_, byte) => digits[byte >> 4]! | (digits[byte & 15]! << 8));

const lengthOf = (words: Int32Array, i: number): number => ((words[2 * i]! | words[2 * i + 1]!) === 0 ? 0 : DIGITS);

/** Digits that an id has in common with the one before, from the first one on. */
const commonDigits = (words: Int32Array, i: number): number => {
  if (i === 0 || lengthOf(words, i) === 0 || lengthOf(words, i - 1) === 0) return 0;
  const high = words[2 * i]! ^ words[2 * i - 2]!;
  if (high !== 0) return Math.clz32(high) >> 2;
  return 8 + (Math.clz32(words[2 * i + 1]! ^ words[2 * i - 1]!) >> 2);
};

/** Writes the digits of an id from the given one on, and tells where the next ones go. */
const writeDigits = (words: Int32Array, i: number, from: number, view: DataView, at: number): number => {
  let next = at;
  let digit = from;
  if ((digit & 1) === 1) {
    view.setUint8(next++, digits[(words[2 * i + (digit >> 3)]! >>> (28 - 4 * (digit & 7))) & 15]!);
    digit++;
  }
  for (; digit < DIGITS; digit += 2) {
    const byte = (words[2 * i + (digit >> 3)]! >>> (24 - 4 * (digit & 7))) & 0xff;
    view.setUint16(next, pairs[byte]!, true);
    next += 2;
  }
  return next;
};

/** Below 0 if id `i` comes before id `j` of others, as numbers without sign and so as texts. */
const compare = (words: Int32Array, i: number, others: Int32Array, j: number): number =>
  (words[2 * i]! >>> 0) - (others[2 * j]! >>> 0) || (words[2 * i + 1]! >>> 0) - (others[2 * j + 1]! >>> 0);

const plainOf = (words: Int32Array, i: number): Uint8Array => {
  const bytes = new Uint8Array(lengthOf(words, i));
  if (bytes.length > 0) writeDigits(words, i, 0, new DataView(bytes.buffer), 0);
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
    texts.reserve(DIGITS * count);
    const { view } = texts;
    let at = 0;
    let least = 0;
    let greatest = 0;
    for (let i = 0; i < count; i++) {
      const length = lengthOf(words, i);
      const shared = commonDigits(words, i);
      common[i] = shared;
      lengths[i] = length - shared;
      if (length > 0) at = writeDigits(words, i, shared, view, at);
      if (compare(words, i, words, least) < 0) least = i;
      if (compare(words, i, words, greatest) > 0) greatest = i;
    }
    texts.length = at;
    this.#widenRange(words, least, greatest);
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

  #widenRange(words: Int32Array, least: number, greatest: number): void {
    const range = this.#range;
    if (!this.#hasRange || compare(words, least, range, 0) < 0) range.set(words.subarray(2 * least, 2 * least + 2));
    if (!this.#hasRange || compare(words, greatest, range, 1) > 0)
      range.set(words.subarray(2 * greatest, 2 * greatest + 2), 2);
    this.#hasRange = true;
  }
}
