/** The literals section of a block (RFC 8878 3.1.1.3.1). */
import { corrupt } from './corrupt.ts';
import { decodeHuffman, type HuffmanTable, readHuffmanTable } from './huffman.ts';

const LiteralsType = { RAW: 0, RLE: 1, COMPRESSED: 2, TREELESS: 3 };

export interface Literals {
  readonly length: number;
  /** Index after the section. */
  readonly next: number;
  /** The table that the next block may use again. */
  readonly table: HuffmanTable | undefined;
}

/**
 * Decodes the section at the start of the block `bytes[start..end)` into `into`, which is as long as a block may be.
 *
 * @param bytes at least 4 bytes longer than `end`
 */
export const decodeLiterals = (
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  earlier: HuffmanTable | undefined,
): Literals => {
  if (end - start < 2) throw corrupt('a block without sections');
  const type = bytes[start]! & 3;
  const format = (bytes[start]! >> 2) & 3;
  const word = bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24);
  if (type === LiteralsType.RAW || type === LiteralsType.RLE) {
    const headerBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
    const length = format === 1 ? (word >>> 4) & 0xfff : format === 3 ? (word >>> 4) & 0xfffff : (word >>> 3) & 0x1f;
    const at = start + headerBytes;
    const next = at + (type === LiteralsType.RAW ? length : 1);
    if (length > into.length || next > end) throw corrupt('literals beyond their block');
    if (type === LiteralsType.RAW) into.set(bytes.subarray(at, next));
    else into.fill(bytes[at]!, 0, length);
    return { length, next, table: earlier };
  }

  const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18;
  const headerBytes = format < 2 ? 3 : format + 2;
  const mask = (1 << sizeBits) - 1;
  const length = (word >>> 4) & mask;
  // The second size starts at bit 4 + sizeBits; only the widest reaches into a fifth byte.
  const size = ((word >>> (4 + sizeBits)) | (format === 3 ? bytes[start + 4]! << 10 : 0)) & mask;
  let at = start + headerBytes;
  const next = at + size;
  if (length > into.length || next > end) throw corrupt('literals beyond their block');
  let table = earlier;
  if (type === LiteralsType.COMPRESSED) ({ table, next: at } = readHuffmanTable(bytes, at, next));
  if (table === undefined) throw corrupt('literals without a Huffman table');
  if (format === 0) decodeHuffman(table, bytes, at, next, into, 0, length);
  else decodeFourStreams(table, bytes, at, next, into, length);
  return { length, next, table };
};

const decodeFourStreams = (
  table: HuffmanTable,
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  length: number,
): void => {
  const share = (length + 3) >> 2;
  if (end - start < 6 || 3 * share > length) throw corrupt('literals too short for four streams');
  let at = start + 6;
  for (let i = 0; i < 4; i++) {
    const streamEnd = i === 3 ? end : at + (bytes[start + 2 * i]! | (bytes[start + 2 * i + 1]! << 8));
    if (streamEnd > end) throw corrupt('a literals stream beyond its section');
    decodeHuffman(table, bytes, at, streamEnd, into, i * share, i === 3 ? length : (i + 1) * share);
    at = streamEnd;
  }
};
