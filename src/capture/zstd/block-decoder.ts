/** The blocks of a zstd frame (RFC 8878 3.1.1.2): literals and sequences executed over a history of the window. */
import { BackwardBits } from './backward-bits.ts';
import { corrupt } from './corrupt.ts';
import { FseState } from './fse.ts';
import type { HuffmanTable } from './huffman.ts';
import { literalLengthCodes, matchLengthCodes } from './length-codes.ts';
import { decodeLiterals } from './literals.ts';
import { readSequencesHeader, type SequenceTables } from './sequences.ts';

/** Block_Maximum_Size, where the window is not smaller. */
export const MAX_BLOCK_BYTES = 1 << 17;

/**
 * Decodes the blocks of one frame in their order.
 *
 * The history is one buffer that grows with what it holds up to one and a half windows, and slides then. Every length
 * and distance is checked before it is used, so that the work is proportional to the bytes that come out.
 */
export class BlockDecoder {
  readonly #windowBytes: number;
  readonly #maxBlockBytes: number;
  readonly #literals: Uint8Array;
  readonly #repeats = [1, 4, 8];
  #history: Uint8Array = new Uint8Array(0);
  #end = 0;
  #huffman: HuffmanTable | undefined;
  #tables: SequenceTables | undefined;

  /** `scratch` is room for the literals of one block: `MAX_BLOCK_BYTES`. */
  constructor(windowBytes: number, scratch: Uint8Array) {
    this.#windowBytes = windowBytes;
    this.#maxBlockBytes = Math.min(windowBytes, MAX_BLOCK_BYTES);
    this.#literals = scratch;
  }

  /** A block of bytes as they are; the result is valid until the next block. */
  raw(bytes: Uint8Array, start: number, size: number): Uint8Array {
    const from = this.#makeRoom(size);
    this.#history.set(bytes.subarray(start, start + size), from);
    return this.#produced(from, from + size);
  }

  /** A block of one byte many times. */
  repeated(byte: number, size: number): Uint8Array {
    const from = this.#makeRoom(size);
    this.#history.fill(byte, from, from + size);
    return this.#produced(from, from + size);
  }

  /** The compressed block `bytes[start..end)`. */
  compressed(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const from = this.#makeRoom(this.#maxBlockBytes);
    const literals = decodeLiterals(bytes, start, end, this.#literals, this.#huffman);
    this.#huffman = literals.table;
    const { count, tables, next } = readSequencesHeader(bytes, literals.next, end, this.#tables);
    this.#tables = tables;
    if (tables === undefined || count === 0) {
      if (next !== end) throw corrupt('bytes after the last sequence');
      return this.#produced(from, this.#copyLiterals(0, literals.length, from, from + this.#maxBlockBytes));
    }
    return this.#produced(
      from,
      this.#execute(count, tables, new BackwardBits(bytes, next, end), from, literals.length),
    );
  }

  #execute(count: number, tables: SequenceTables, bits: BackwardBits, from: number, literalsLength: number): number {
    const history = this.#history;
    const limit = from + this.#maxBlockBytes;
    const literalLengths = new FseState(tables.literalLength, bits);
    const offsets = new FseState(tables.offset, bits);
    const matchLengths = new FseState(tables.matchLength, bits);
    let at = from;
    let literalsAt = 0;
    for (let i = 0; i < count; i++) {
      const offsetCode = offsets.symbol;
      const offsetHigh = offsetCode > 16 ? bits.read(offsetCode - 16) << 16 : 0;
      const offsetValue = (1 << offsetCode) + offsetHigh + bits.read(Math.min(offsetCode, 16));
      const matchCode = matchLengths.symbol;
      const matchLength = matchLengthCodes.base[matchCode]! + bits.read(matchLengthCodes.bits[matchCode]!);
      const literalCode = literalLengths.symbol;
      const literalLength = literalLengthCodes.base[literalCode]! + bits.read(literalLengthCodes.bits[literalCode]!);
      if (i < count - 1) {
        literalLengths.advance(bits);
        matchLengths.advance(bits);
        offsets.advance(bits);
      }
      if (bits.left < 0) throw corrupt('more sequences than bits');

      if (literalLength > literalsLength - literalsAt) throw corrupt('a sequence beyond the literals');
      at = this.#copyLiterals(literalsAt, literalLength, at, limit);
      literalsAt += literalLength;
      const distance = this.#distance(offsetValue, literalLength);
      if (distance < 1 || distance > at || distance > this.#windowBytes) throw corrupt('a match before the window');
      if (matchLength > limit - at) throw corrupt('a block larger than allowed');
      if (distance >= matchLength) history.copyWithin(at, at - distance, at - distance + matchLength);
      else for (let to = at; to < at + matchLength; to++) history[to] = history[to - distance]!;
      at += matchLength;
    }
    if (bits.left !== 0) throw corrupt('more bits than sequences');
    return this.#copyLiterals(literalsAt, literalsLength - literalsAt, at, limit);
  }

  #copyLiterals(start: number, length: number, at: number, limit: number): number {
    if (length > limit - at) throw corrupt('a block larger than allowed');
    const history = this.#history;
    const literals = this.#literals;
    if (length > 32) history.set(literals.subarray(start, start + length), at);
    else for (let i = 0; i < length; i++) history[at + i] = literals[start + i]!;
    return at + length;
  }

  /** The distance behind an offset value: values 1 to 3 name the latest distances (RFC 8878 3.1.1.5). */
  #distance(offsetValue: number, literalLength: number): number {
    const [first, second, third] = this.#repeats as [number, number, number];
    const index = offsetValue > 3 ? 3 : offsetValue - 1 + (literalLength === 0 ? 1 : 0);
    if (index === 0) return first;
    const distance = offsetValue > 3 ? offsetValue - 3 : index === 1 ? second : index === 2 ? third : first - 1;
    if (index > 1) this.#repeats[2] = second;
    this.#repeats[1] = first;
    this.#repeats[0] = distance;
    return distance;
  }

  /** Makes room for `size` bytes after the history and returns where they go. */
  #makeRoom(size: number): number {
    if (size > this.#maxBlockBytes) throw corrupt('a block larger than allowed');
    const old = this.#history;
    if (this.#end + size > old.length) {
      const kept = Math.min(this.#end, this.#windowBytes);
      const largest = this.#windowBytes + Math.max(this.#windowBytes >> 1, 8 * MAX_BLOCK_BYTES);
      if (old.length < largest)
        this.#history = new Uint8Array(Math.min(Math.max(2 * old.length, kept + size), largest));
      this.#history.set(old.subarray(this.#end - kept, this.#end));
      this.#end = kept;
    }
    return this.#end;
  }

  #produced(from: number, to: number): Uint8Array {
    this.#end = to;
    return this.#history.subarray(from, to);
  }
}
