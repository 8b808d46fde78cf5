/** The footer of a Parquet file: its schema, and where the chunks of each row group are. */
import type { ColumnKind, Columns } from '../../tickets/column.ts';
import type { ByteBuffer } from './byte-buffer.ts';
import type { WrittenChunk } from './column-chunk.ts';
import { Physical } from './format.ts';
import { binary, bool, i32, i64, list, string, struct, type ThriftValue } from './thrift.ts';

export interface WrittenRowGroup {
  readonly rows: number;
  /** Where in the file the bytes begin in which its chunks have their places. */
  readonly at: number;
  readonly bytes: number;
  /** In the order of the columns. */
  readonly chunks: readonly WrittenChunk[];
}

const Repetition = { REQUIRED: 0, OPTIONAL: 1, REPEATED: 2 } as const;
const Converted = { UTF8: 0, LIST: 3 } as const;

const nothing = struct({});
const stringType = struct({ 1: nothing });
const listType = struct({ 3: nothing });
/** TIMESTAMP, not adjusted to UTC, in microseconds. */
const timestampType = struct({ 8: struct({ 1: bool(false), 2: struct({ 2: nothing }) }) });

const leaf = (name: string, physical: Physical, repetition: number, logical?: ThriftValue): ThriftValue =>
  struct({
    1: i32(physical),
    3: i32(repetition),
    4: string(name),
    6: logical === stringType ? i32(Converted.UTF8) : undefined,
    10: logical,
  });

const group = (name: string, children: number, repetition?: number, logical?: ThriftValue): ThriftValue =>
  struct({
    3: repetition === undefined ? undefined : i32(repetition),
    4: string(name),
    5: i32(children),
    6: logical === listType ? i32(Converted.LIST) : undefined,
    10: logical,
  });

/** LogicalTypes.md, "Lists": three levels. */
const listOf = (name: string, physical: Physical, logical?: ThriftValue): readonly ThriftValue[] => [
  group(name, 1, Repetition.REQUIRED, listType),
  group('list', 1, Repetition.REPEATED),
  leaf('element', physical, Repetition.REQUIRED, logical),
];

const textLeaf = (name: string): readonly ThriftValue[] => [
  leaf(name, Physical.BYTE_ARRAY, Repetition.REQUIRED, stringType),
];

/** The schema's elements for a column. Texts and lists are never NULL. */
const elements: Readonly<Record<ColumnKind, (name: string) => readonly ThriftValue[]>> = {
  time: (name) => [leaf(name, Physical.INT64, Repetition.OPTIONAL, timestampType)],
  count: (name) => [leaf(name, Physical.INT64, Repetition.OPTIONAL)],
  real: (name) => [leaf(name, Physical.DOUBLE, Repetition.OPTIONAL)],
  flag: (name) => [leaf(name, Physical.BOOLEAN, Repetition.OPTIONAL)],
  text: textLeaf,
  id: textLeaf,
  texts: (name) => listOf(name, Physical.BYTE_ARRAY, stringType),
  counts: (name) => listOf(name, Physical.INT64),
};

const pathOf = (name: string, kind: ColumnKind): ThriftValue =>
  list((kind === 'texts' || kind === 'counts' ? [name, 'list', 'element'] : [name]).map(string));

const chunkOf = (chunk: WrittenChunk, path: ThriftValue, groupAt: number): ThriftValue =>
  struct({
    2: i64(0),
    3: struct({
      1: i32(chunk.physical),
      2: list(chunk.encodings.map(i32)),
      3: path,
      4: i32(chunk.codec),
      5: i64(chunk.places),
      6: i64(chunk.rawBytes),
      7: i64(chunk.storedBytes),
      9: i64(groupAt + chunk.dataAt),
      11: chunk.dictionaryAt === undefined ? undefined : i64(groupAt + chunk.dictionaryAt),
      12: struct({
        3: i64(chunk.missing),
        5: chunk.range && binary(chunk.range.greatest),
        6: chunk.range && binary(chunk.range.least),
      }),
    }),
  });

/** Appends the footer, its length and the magic number. */
export const writeFooter = (columns: Columns, groups: readonly WrittenRowGroup[], out: ByteBuffer): void => {
  const entries = Object.entries(columns);
  const paths = entries.map(([name, { kind }]) => pathOf(name, kind));
  const start = out.length;
  struct({
    1: i32(2),
    2: list([group('schema', entries.length), ...entries.flatMap(([name, { kind }]) => elements[kind](name))]),
    3: i64(groups.reduce((sum, { rows }) => sum + rows, 0)),
    4: list(
      groups.map(({ rows, at, bytes, chunks }) =>
        struct({
          1: list(chunks.map((chunk, i) => chunkOf(chunk, paths[i]!, at))),
          2: i64(chunks.reduce((sum, { rawBytes }) => sum + rawBytes, 0)),
          3: i64(rows),
          6: i64(bytes),
        }),
      ),
    ),
    6: string('sonde version 1'),
    // Ranges are those of the type: numbers by size, texts byte by byte.
    7: list(entries.map(() => struct({ 1: nothing }))),
  }).write(out);
  const length = out.length - start;
  for (let shift = 0; shift < 32; shift += 8) out.byte(length >>> shift);
  out.append(Buffer.from('PAR1'));
};
