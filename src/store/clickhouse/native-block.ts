/** Rows of one table as a block of ClickHouse's format Native, straight from the codes of sealed batches. */
import type { SealedBatch } from '../../tickets/batch.ts';
import type { Table } from '../../tickets/column.ts';
import { ByteBuffer } from '../parquet/byte-buffer.ts';
import { writeText } from '../parquet/utf8.ts';
import { Words } from '../parquet/words.ts';
import { columnType, type Generation } from './column-types.ts';
import { type NativeValues, valuesOf } from './native-values.ts';

/** A block that is ready to be inserted. */
export interface EncodedBlock {
  /** Its columns in order, those left out in which nothing was observed. */
  readonly columns: readonly string[];
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** A column that has one value in all rows. */
export interface Constant {
  readonly name: string;
  readonly value: string | number;
}

interface BlockColumn {
  readonly name: string;
  readonly type: string;
  readonly values: NativeValues;
}

const writeString = (out: ByteBuffer, text: string): void => {
  const word = new ByteBuffer();
  writeText(word, text);
  out.varint(word.length);
  out.append(word.written);
};

/** A number as UInt32, a text as String. */
const writeConstant = (out: ByteBuffer, { name, value }: Constant, rows: number): void => {
  writeString(out, name);
  writeString(out, typeof value === 'number' ? 'UInt32' : 'String');
  if (typeof value === 'number') out.append(new Uint8Array(new Uint32Array(rows).fill(value).buffer));
  else for (let row = 0; row < rows; row++) writeString(out, value);
};

/**
 * Collects rows until `end`. The same rows give the same bytes, however batches were cut.
 *
 * @example
 * const block = new NativeBlock(flows, 'current');
 * block.add(batch, Int32Array.of(0, 1, 2));
 * const { columns, bytes } = block.end([{ name: 'write_block', value: 7 }]);
 * // INSERT INTO flows_rows (columns) FORMAT Native, then the bytes
 */
export class NativeBlock {
  readonly #words = new Words();
  readonly #columns: readonly BlockColumn[];
  #rows = 0;

  constructor(table: Table, generation: Generation) {
    this.#columns = Object.entries(table.columns).map(([name, { kind }]) => {
      const type = columnType(name, kind, generation);
      return { name, type, values: valuesOf(kind, type, this.#words) };
    });
  }

  get rows(): number {
    return this.#rows;
  }

  /** May rows of this batch follow? Not if its codes have other meanings. */
  takes({ texts }: SealedBatch): boolean {
    return this.#rows === 0 || this.#words.knows(texts);
  }

  /** Adds rows of a batch, of which nothing is kept. `rows` are numbers of rows in ascending order. */
  add(batch: SealedBatch, rows: Int32Array): void {
    this.#words.use(batch.texts);
    const byName = new Map(batch.columns.map((column) => [column.name, column]));
    for (const { name, values } of this.#columns) {
      const column = byName.get(name);
      if (column !== undefined) values.add(column, rows, this.#rows);
    }
    this.#words.release();
    this.#rows += rows.length;
  }

  /** The block, with `constants` as its last columns; the next one begins. */
  end(constants: readonly Constant[]): EncodedBlock {
    const out = new ByteBuffer();
    const rows = this.#rows;
    const used = this.#columns.filter(({ values }) => values.isUsed);
    out.varint(used.length + constants.length);
    out.varint(rows);
    for (const { name, type, values } of used) {
      writeString(out, name);
      writeString(out, type);
      values.end(out, rows);
    }
    for (const constant of constants) writeConstant(out, constant, rows);
    this.#words.cut(0);
    this.#rows = 0;
    return { columns: [...used, ...constants].map(({ name }) => name), rows, bytes: out.written };
  }
}
