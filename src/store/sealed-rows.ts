/** Sealed batches as a table function of DuckDB: columns are copied whole from typed arrays, 2,048 rows at a time. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBTableFunction,
  LIST,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { SealedBatch, SealedColumn } from '../tickets/batch.ts';
import type { ColumnKind, Table } from '../tickets/column.ts';

// This file alone uses the bindings below the API, whose copies are not checked: a wrong length here crashes the
// process. Text costs no call a row: DuckDB holds a string in 16 bytes (`duckdb_string_t`: length and up to 12 bytes,
// or length, 4 bytes and a pointer), so the words of a batch are handed over once, and a row copies the 16 bytes of its
// word. The pointers lead into vectors that own the words, which therefore live until the statement has ended.

const types = {
  time: TIMESTAMP,
  count: BIGINT,
  real: DOUBLE,
  flag: BOOLEAN,
  text: VARCHAR,
  texts: LIST(VARCHAR),
  counts: LIST(BIGINT),
} as const satisfies Record<ColumnKind, unknown>;

const chunkRows = duckdb.vector_size();
const two32 = 2 ** 32;

/** Room for the values of one chunk of one column; lists of a chunk may need more, and get their own. */
interface Room {
  readonly longs: Int32Array;
  readonly doubles: Float64Array;
  readonly flags: Uint8Array;
  readonly strings: BigUint64Array;
  readonly validity: Uint32Array;
}

const makeRoom = (): Room => ({
  longs: new Int32Array(2 * chunkRows),
  doubles: new Float64Array(chunkRows),
  flags: new Uint8Array(chunkRows),
  strings: new BigUint64Array(2 * chunkRows),
  validity: new Uint32Array(chunkRows / 32),
});

type Values = Float64Array | Int32Array;

const copy = (vector: duckdb.Vector, from: ArrayBufferView, bytes: number): void =>
  duckdb.copy_data_to_vector(vector, 0, from.buffer as ArrayBuffer, from.byteOffset, bytes);

/** Whole numbers as 64-bit integers, in two halves since BigInt would cost an allocation each. */
const writeLongs = (longs: Int32Array, values: Values, start: number, count: number): void => {
  for (let i = 0, at = start; i < count; i++, at++) {
    const value = values[at]!;
    const high = Math.floor(value / two32);
    longs[2 * i] = value - high * two32;
    longs[2 * i + 1] = high;
  }
};

const writeStrings = (
  strings: BigUint64Array,
  words: BigUint64Array,
  codes: Values,
  start: number,
  count: number,
): void => {
  for (let i = 0, at = start; i < count; i++, at++) {
    const word = 2 * codes[at]!;
    strings[2 * i] = words[word]!;
    strings[2 * i + 1] = words[word + 1]!;
  }
};

/** Marks what is not observed: NaN, and infinities where they are no number. */
const writeValidity = (
  vector: duckdb.Vector,
  room: Room,
  kind: ColumnKind,
  values: Values,
  start: number,
  count: number,
): void => {
  const { validity } = room;
  let missing = false;
  validity.fill(0xffffffff);
  for (let i = 0, at = start; i < count; i++, at++) {
    const value = values[at]!;
    if (kind === 'real' ? Number.isNaN(value) : value - value !== 0) {
      missing = true;
      validity[i >> 5]! &= ~(1 << (i & 31));
    }
  }
  if (!missing) return;
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer as ArrayBuffer, 0, validity.byteLength);
};

const writeList = (
  vector: duckdb.Vector,
  room: Room,
  column: SealedColumn,
  words: BigUint64Array,
  start: number,
  count: number,
): void => {
  const offsets = column.offsets!;
  const first = offsets[start]!;
  const length = offsets[start + count]! - first;
  for (let i = 0; i < count; i++) {
    const from = offsets[start + i]!;
    room.strings[2 * i] = BigInt(from - first);
    room.strings[2 * i + 1] = BigInt(offsets[start + i + 1]! - from);
  }
  copy(vector, room.strings, 16 * count);
  duckdb.list_vector_reserve(vector, length);
  duckdb.list_vector_set_size(vector, length);
  const child = duckdb.list_vector_get_child(vector);
  if (column.kind === 'texts') {
    const strings = new BigUint64Array(2 * length);
    writeStrings(strings, words, column.values, first, length);
    copy(child, strings, 16 * length);
  } else {
    const longs = new Int32Array(2 * length);
    writeLongs(longs, column.values, first, length);
    copy(child, longs, 8 * length);
  }
};

const writeColumn = (
  vector: duckdb.Vector,
  room: Room,
  column: SealedColumn,
  words: BigUint64Array,
  start: number,
  count: number,
): void => {
  const { kind, values } = column;
  switch (kind) {
    case 'text':
      writeStrings(room.strings, words, values, start, count);
      copy(vector, room.strings, 16 * count);
      return;
    case 'texts':
    case 'counts':
      writeList(vector, room, column, words, start, count);
      return;
    case 'flag':
      for (let i = 0; i < count; i++) room.flags[i] = values[start + i] === 1 ? 1 : 0;
      copy(vector, room.flags, count);
      break;
    case 'real':
      for (let i = 0; i < count; i++) room.doubles[i] = values[start + i]!;
      copy(vector, room.doubles, 8 * count);
      break;
    default:
      writeLongs(room.longs, values, start, count);
      copy(vector, room.longs, 8 * count);
  }
  writeValidity(vector, room, kind, values, start, count);
};

/** Hands the words of a batch to DuckDB: its vector, which owns them, and the 16 bytes of each. */
const handOver = (dictionary: readonly string[]): { readonly owner: duckdb.Vector; readonly words: BigUint64Array } => {
  const owner = duckdb.create_vector(duckdb.create_logical_type(duckdb.Type.VARCHAR), dictionary.length);
  dictionary.forEach((word, i) => {
    duckdb.vector_assign_string_element(owner, i, word);
  });
  const bytes = duckdb.vector_get_data(owner, 16 * dictionary.length);
  return { owner, words: new BigUint64Array(bytes.buffer, bytes.byteOffset, 2 * dictionary.length) };
};

/**
 * The table function `sealed_rows()`, which gives the rows of the batches that were put into it, in order.
 *
 * @example
 * const rows = new SealedRows(connection);
 * await rows.use(flows, batches, () => connection.run("COPY (FROM sealed_rows()) TO 'a.parquet'"));
 */
export class SealedRows {
  #table: Table | undefined;
  #batches: readonly SealedBatch[] = [];
  #owners: duckdb.Vector[] = [];

  /** Registers the function with the connection's instance, which must not have it yet. */
  constructor(connection: DuckDBConnection) {
    const room = makeRoom();
    let words: BigUint64Array = new BigUint64Array(0);
    let index = 0;
    let start = 0;
    connection.registerTableFunction(
      DuckDBTableFunction.create({
        name: 'sealed_rows',
        bindFunction: (info) => {
          for (const [name, { kind }] of Object.entries(this.#table?.columns ?? {}))
            info.addResultColumn(name, types[kind]);
        },
        initFunction: () => {
          index = 0;
          start = 0;
        },
        mainFunction: (_info, output) => {
          const batch = this.#batches[index];
          if (batch === undefined) {
            output.rowCount = 0;
            return;
          }
          if (start === 0) {
            const handed = handOver(batch.dictionary);
            this.#owners.push(handed.owner);
            words = handed.words;
          }
          const count = Math.min(chunkRows, batch.rows - start);
          output.rowCount = count;
          batch.columns.forEach((column, i) => {
            writeColumn(duckdb.data_chunk_get_vector(output.chunk, i), room, column, words, start, count);
          });
          start += count;
          if (start < batch.rows) return;
          start = 0;
          index++;
        },
      }),
    );
  }

  /** Runs a statement in which `sealed_rows()` gives these batches, none of them empty. One at a time. */
  async use<T>(table: Table, batches: readonly SealedBatch[], run: () => Promise<T>): Promise<T> {
    this.#table = table;
    this.#batches = batches;
    try {
      return await run();
    } finally {
      this.#batches = [];
      this.#owners = [];
    }
  }
}
