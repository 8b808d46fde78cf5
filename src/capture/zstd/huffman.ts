/** Huffman codes of literals (RFC 8878 4.2): their description and the decoding of a stream. */
import { BackwardBits } from './backward-bits.ts';
import { corrupt } from './corrupt.ts';
import { FseState, readFseTable } from './fse.ts';

const MAX_CODE_BITS = 11;
/** The last weight is not written but follows from the others. */
const MAX_WEIGHTS = 255;

/** Indexed by the next `log` bits: the symbol, and how many of the bits are its code. */
export interface HuffmanTable {
  readonly log: number;
  readonly symbol: Uint8Array;
  readonly bits: Uint8Array;
}

/** Two states take turns until the stream is used up (RFC 8878 4.2.1.2). */
const readCompressedWeights = (bytes: Uint8Array, start: number, end: number): number[] => {
  const { table, next } = readFseTable(bytes, start, end, 6, MAX_WEIGHTS);
  const bits = new BackwardBits(bytes, next, end);
  const weights: number[] = [];
  let turn = new FseState(table, bits);
  let other = new FseState(table, bits);
  while (bits.left >= 0) {
    if (weights.length >= MAX_WEIGHTS - 1) throw corrupt('too many Huffman weights');
    weights.push(turn.symbol);
    turn.advance(bits);
    [turn, other] = [other, turn];
  }
  weights.push(turn.symbol);
  return weights;
};

const buildTable = (weights: number[]): HuffmanTable => {
  const total = weights.reduce((sum, weight) => sum + ((1 << weight) >> 1), 0);
  const log = 32 - Math.clz32(total);
  const rest = (1 << log) - total;
  if (total === 0 || log > MAX_CODE_BITS || (rest & (rest - 1)) !== 0) throw corrupt('impossible Huffman weights');
  weights.push(32 - Math.clz32(rest));
  const symbol = new Uint8Array(1 << log);
  const bits = new Uint8Array(1 << log);
  let at = 0;
  for (let weight = 1; weight <= log; weight++) {
    for (const [s, own] of weights.entries()) {
      if (own !== weight) continue;
      const until = at + (1 << (weight - 1));
      symbol.fill(s, at, until);
      bits.fill(log + 1 - weight, at, until);
      at = until;
    }
  }
  return { log, symbol, bits };
};

/** Reads a tree description at `start`; `next` is the index after it. */
export const readHuffmanTable = (
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly table: HuffmanTable; readonly next: number } => {
  if (start >= end) throw corrupt('a missing Huffman table');
  const header = bytes[start]!;
  const count = header - 127;
  const next = start + 1 + (header < 128 ? header : (count + 1) >> 1);
  if (next > end) throw corrupt('a Huffman table beyond its bounds');
  const weights =
    header < 128
      ? readCompressedWeights(bytes, start + 1, next)
      : Array.from({ length: count }, (_, i) => (bytes[start + 1 + (i >> 1)]! >> (i % 2 === 0 ? 4 : 0)) & 15);
  if (weights.some((weight) => weight > MAX_CODE_BITS)) throw corrupt('a Huffman weight out of range');
  return { table: buildTable(weights), next };
};

/** Decodes the stream `bytes[start..end)` into all of `into[from..to)`. */
export const decodeHuffman = (
  table: HuffmanTable,
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  from: number,
  to: number,
): void => {
  const stream = new BackwardBits(bytes, start, end);
  const { log, symbol, bits } = table;
  const mask = (1 << log) - 1;
  let left = stream.left;
  for (let i = from; i < to; i++) {
    const index = stream.peekAt(left - log) & mask;
    into[i] = symbol[index]!;
    left -= bits[index]!;
  }
  if (left !== 0) throw corrupt('a Huffman stream of another length than its content');
};
