/** The sequences section of a block (RFC 8878 3.1.1.3.2): how many, and their three entropy tables. */
import { corrupt } from './corrupt.ts';
import { buildFseTable, type FseTable, readFseTable, singleSymbolTable } from './fse.ts';

/** One of the three kinds of code that make up a sequence. */
interface CodeKind {
  readonly maxLog: number;
  readonly maxSymbol: number;
  readonly predefined: FseTable;
}

const kind = (maxLog: number, predefinedLog: number, counts: readonly number[], maxSymbol: number): CodeKind => ({
  maxLog,
  maxSymbol,
  predefined: buildFseTable(counts, predefinedLog),
});

const times = (count: number, value: number): number[] => new Array<number>(count).fill(value);

/** Distributions of RFC 8878 3.1.1.3.2.2. A match over 128 MiB away (offset code 28) is beyond any window read here. */
const literalLength = kind(
  9,
  6,
  [4, 3, ...times(11, 2), 1, 1, 1, ...times(9, 2), 3, 2, ...times(5, 1), ...times(4, -1)],
  35,
);
const offset = kind(8, 5, [...times(6, 1), 2, 2, 2, ...times(15, 1), ...times(5, -1)], 27);
const matchLength = kind(9, 6, [1, 4, 3, ...times(6, 2), ...times(37, 1), ...times(7, -1)], 52);

/** The tables in force; a block may use those of the block before it again. */
export interface SequenceTables {
  readonly literalLength: FseTable;
  readonly offset: FseTable;
  readonly matchLength: FseTable;
}

export interface SequencesHeader {
  readonly count: number;
  readonly tables: SequenceTables | undefined;
  /** Index of the first byte of the bit stream. */
  readonly next: number;
}

/** Reads the head of the section at `start` of the block that ends at `end`. */
export const readSequencesHeader = (
  bytes: Uint8Array,
  start: number,
  end: number,
  earlier: SequenceTables | undefined,
): SequencesHeader => {
  if (start >= end) throw corrupt('a block without sequences');
  const first = bytes[start]!;
  if (first === 0) return { count: 0, tables: earlier, next: start + 1 };
  let at = start + (first < 128 ? 1 : first < 255 ? 2 : 3);
  if (at >= end) throw corrupt('a sequences section cut short');
  const count =
    first < 128
      ? first
      : first < 255
        ? ((first - 128) << 8) | bytes[start + 1]!
        : (bytes[start + 1]! | (bytes[start + 2]! << 8)) + 0x7f00;
  const modes = bytes[at++]!;
  if ((modes & 3) !== 0) throw corrupt('reserved bits in use');
  const tableFor = ({ maxLog, maxSymbol, predefined }: CodeKind, mode: number, before?: FseTable): FseTable => {
    if (mode === 0) return predefined;
    if (mode === 1) {
      const symbol = bytes[at++]!;
      if (at > end || symbol > maxSymbol) throw corrupt('a sequence code out of range');
      return singleSymbolTable(symbol);
    }
    if (mode === 2) {
      const { table, next } = readFseTable(bytes, at, end, maxLog, maxSymbol);
      at = next;
      return table;
    }
    if (before === undefined) throw corrupt('a repeated entropy table that never was');
    return before;
  };
  const tables = {
    literalLength: tableFor(literalLength, modes >> 6, earlier?.literalLength),
    offset: tableFor(offset, (modes >> 4) & 3, earlier?.offset),
    matchLength: tableFor(matchLength, (modes >> 2) & 3, earlier?.matchLength),
  };
  return { count, tables, next: at };
};
