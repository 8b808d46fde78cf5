/** Numbers that may be NULL: a byte a row that says so, then the values, of which those of NULL are 0. */
import type { SealedColumn } from '../../tickets/batch.ts';
import type { ByteBuffer } from '../parquet/byte-buffer.ts';
import { writeWhole } from './whole-numbers.ts';

type NumberKind = 'time' | 'count' | 'real' | 'flag';

const FIRST_ROWS = 1024;

/** Arrays are those of a little-endian machine, as the format wants them. */
export class NumberValues {
  isUsed = false;
  readonly #kind: NumberKind;
  readonly #width: 1 | 8;
  #capacity = 0;
  #nulls = new Uint8Array(0);
  #bytes = new Uint8Array(0);
  #words = new Int32Array(0);
  #reals = new Float64Array(0);

  constructor(kind: NumberKind) {
    this.#kind = kind;
    this.#width = kind === 'flag' ? 1 : 8;
  }

  add(column: SealedColumn, rows: Int32Array, at: number): void {
    this.#reserve(at + rows.length);
    const values = column.values as Float64Array;
    if (this.#kind === 'real') this.#addReals(values, rows, at);
    else if (this.#kind === 'flag') this.#addFlags(values, rows, at);
    else if (writeWhole(values, rows, this.#words, this.#nulls, at)) this.isUsed = true;
  }

  end(out: ByteBuffer, rows: number): void {
    this.#reserve(rows);
    out.append(this.#nulls.subarray(0, rows));
    out.append(this.#bytes.subarray(0, rows * this.#width));
    this.#nulls.fill(1, 0, rows);
    this.#bytes.fill(0, 0, rows * this.#width);
    this.isUsed = false;
  }

  #addReals(values: Float64Array, rows: Int32Array, at: number): void {
    for (let i = 0; i < rows.length; i++) {
      const value = values[rows[i]!]!;
      if (Number.isNaN(value)) continue;
      this.#nulls[at + i] = 0;
      this.#reals[at + i] = value;
      this.isUsed = true;
    }
  }

  #addFlags(values: Float64Array, rows: Int32Array, at: number): void {
    for (let i = 0; i < rows.length; i++) {
      const value = values[rows[i]!]!;
      if (Number.isNaN(value)) continue;
      this.#nulls[at + i] = 0;
      this.#bytes[at + i] = value === 0 ? 0 : 1;
      this.isUsed = true;
    }
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    const capacity = Math.max(rows, 2 * this.#capacity, FIRST_ROWS);
    const nulls = new Uint8Array(capacity).fill(1);
    nulls.set(this.#nulls);
    const bytes = new Uint8Array(capacity * this.#width);
    bytes.set(this.#bytes);
    this.#capacity = capacity;
    this.#nulls = nulls;
    this.#bytes = bytes;
    if (this.#width === 8) {
      this.#words = new Int32Array(bytes.buffer);
      this.#reals = new Float64Array(bytes.buffer);
    }
  }
}
