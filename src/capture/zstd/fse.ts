/** Finite state entropy tables (RFC 8878 4.1): their description and the decoding table built from it. */
import type { BackwardBits } from './backward-bits.ts';
import { corrupt } from './corrupt.ts';

/** For each state the symbol it stands for, and how the next state follows: `base` plus that many `bits` read. */
export interface FseTable {
  readonly log: number;
  readonly symbol: Uint8Array;
  readonly bits: Uint8Array;
  readonly base: Uint16Array;
}

/** The table in which one symbol has every state and no bit is read. */
export const singleSymbolTable = (symbol: number): FseTable => ({
  log: 0,
  symbol: Uint8Array.of(symbol),
  bits: Uint8Array.of(0),
  base: Uint16Array.of(0),
});

/** Builds the decoding table of a distribution; -1 is a probability less than one. The absolutes add up to `2^log`. */
export const buildFseTable = (counts: ArrayLike<number>, log: number): FseTable => {
  const size = 1 << log;
  const symbol = new Uint8Array(size);
  const bits = new Uint8Array(size);
  const base = new Uint16Array(size);
  const next = new Uint16Array(counts.length);
  let high = size - 1;
  for (let s = 0; s < counts.length; s++) {
    if (counts[s] === -1) symbol[high--] = s;
    next[s] = Math.abs(counts[s]!);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  for (let s = 0; s < counts.length; s++) {
    for (let i = 0; i < counts[s]!; i++) {
      symbol[position] = s;
      do position = (position + step) & (size - 1);
      while (position > high);
    }
  }
  for (let state = 0; state < size; state++) {
    const n = next[symbol[state]!]!++;
    bits[state] = log - (31 - Math.clz32(n));
    base[state] = (n << bits[state]!) - size;
  }
  return { log, symbol, bits, base };
};

/**
 * Reads a table description at `start` (RFC 8878 4.1.1); `next` is the index after it.
 *
 * A probability is written with as many bits as what is left to distribute demands, and one less if it is small.
 */
export const readFseTable = (
  bytes: Uint8Array,
  start: number,
  end: number,
  maxLog: number,
  maxSymbol: number,
): { readonly table: FseTable; readonly next: number } => {
  let position = 0;
  const read = (count: number): number => {
    const at = start + (position >> 3);
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    position += count;
    return (word >>> ((position - count) & 7)) & ((1 << count) - 1);
  };
  const log = read(4) + 5;
  if (log > maxLog) throw corrupt('an entropy table larger than its use allows');
  const counts: number[] = [];
  let left = 1 << log;
  while (left > 0) {
    if (counts.length > maxSymbol || start + (position >> 3) >= end) throw corrupt('an entropy table without an end');
    const width = 32 - Math.clz32(left + 1);
    const short = (1 << width) - 1 - (left + 1);
    let value = read(width - 1);
    if (value >= short) {
      value |= read(1) << (width - 1);
      if (value >= 1 << (width - 1)) value -= short;
    }
    const count = value - 1;
    left -= Math.abs(count);
    counts.push(count);
    if (count === 0) {
      for (let zeros = 3; zeros === 3; ) {
        zeros = read(2);
        for (let i = 0; i < zeros; i++) counts.push(0);
        if (counts.length > maxSymbol) throw corrupt('an entropy table with too many symbols');
      }
    }
  }
  const next = start + ((position + 7) >> 3);
  if (left < 0 || next > end) throw corrupt('an entropy table beyond its bounds');
  return { table: buildFseTable(counts, log), next };
};

/** One state that walks through a table. */
export class FseState {
  readonly #table: FseTable;
  #state: number;

  constructor(table: FseTable, bits: BackwardBits) {
    this.#table = table;
    this.#state = bits.read(table.log);
  }

  get symbol(): number {
    return this.#table.symbol[this.#state]!;
  }

  advance(bits: BackwardBits): void {
    this.#state = this.#table.base[this.#state]! + bits.read(this.#table.bits[this.#state]!);
  }
}
