/** A table in memory: typed arrays by column, no object per row. Makers fill it, labellers rewrite columns, the store writes it. */
import type { Interner, Texts } from '../kit/interner.ts';
import type { Column, ColumnKind, Columns, Table } from './column.ts';

/** A list column: the values of row r are `values[offsets[r]] .. values[offsets[r + 1] - 1]`. Rows are filled in order. */
export class ListColumn {
  /** Length rows + 1. */
  readonly offsets: Int32Array;
  /** Codes (texts) or numbers (counts); only the first `length` count. */
  values: Int32Array | Float64Array;
  length = 0;

  constructor(kind: 'texts' | 'counts', capacity: number) {
    this.offsets = new Int32Array(capacity + 1);
    this.values = kind === 'texts' ? new Int32Array(256) : new Float64Array(256);
  }

  /** Adds a value to the row that is being filled. */
  push(value: number): void {
    if (this.length === this.values.length) {
      const grown =
        this.values instanceof Int32Array ? new Int32Array(2 * this.length) : new Float64Array(2 * this.length);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length++] = value;
  }
}

/** Ids of 64 bits. */
export class IdColumn {
  /** Two words a row, the high one first. */
  readonly words: Int32Array;

  constructor(capacity: number) {
    this.words = new Int32Array(2 * capacity);
  }

  set(row: number, high: number, low: number): void {
    this.words[2 * row] = high;
    this.words[2 * row + 1] = low;
  }
}

type ColumnData<K extends ColumnKind> = K extends 'text'
  ? Int32Array
  : K extends 'id'
    ? IdColumn
    : K extends 'texts' | 'counts'
      ? ListColumn
      : Float64Array;

type AnyColumnData = ColumnData<ColumnKind>;

export type BatchColumns<C extends Columns> = {
  readonly [N in keyof C]: C[N] extends Column<infer K> ? ColumnData<K> : never;
};

const makeColumn = (kind: ColumnKind, capacity: number): AnyColumnData => {
  switch (kind) {
    case 'text':
      return new Int32Array(capacity);
    case 'id':
      return new IdColumn(capacity);
    case 'texts':
    case 'counts':
      return new ListColumn(kind, capacity);
    default:
      return new Float64Array(capacity).fill(Number.NaN);
  }
};

/**
 * Rows of one table in the making. Numbers start as NaN (NULL), text as code 0 (''), ids as 0, lists as [].
 *
 * @example
 * const batch = new Batch(flows, interner, 8192);
 * const row = batch.begin();
 * batch.columns.up_bytes[row] = 1500;
 * batch.columns.fqdn[row] = interner.code('e1.whatsapp.net');
 * batch.columns.flow_id.set(row, 0x5308e820, 0x0badcafe);
 * batch.end();
 */
export class Batch<C extends Columns = Columns> {
  readonly table: Table<C>;
  readonly interner: Interner;
  readonly capacity: number;
  readonly columns: BatchColumns<C>;
  /** Finished rows. */
  rows = 0;
  readonly #lists: readonly ListColumn[];

  constructor(table: Table<C>, interner: Interner, capacity: number) {
    this.table = table;
    this.interner = interner;
    this.capacity = capacity;
    const columns = Object.entries(table.columns).map(
      ([name, { kind }]) => [name, makeColumn(kind, capacity)] as const,
    );
    this.#lists = columns.flatMap(([, column]) => (column instanceof ListColumn ? column : []));
    this.columns = Object.fromEntries(columns) as BatchColumns<C>;
  }

  get full(): boolean {
    return this.rows === this.capacity;
  }

  /** The index of the row to fill next. The batch must not be full. */
  begin(): number {
    return this.rows;
  }

  /** Closes the row: the lists of the next one start here. */
  end(): void {
    this.rows++;
    for (const list of this.#lists) list.offsets[this.rows] = list.length;
  }

  /** Empties it for other rows. `sealed` is what it was sealed as, and ends with this: the arrays are the same. */
  clear({ columns }: SealedBatch): void {
    for (const { values } of columns) values.fill(values instanceof Float64Array ? Number.NaN : 0);
    for (const list of this.#lists) list.length = 0;
    this.rows = 0;
  }
}

/** One column of a sealed batch; `offsets` for lists only. */
export interface SealedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Numbers by row (NaN is NULL), codes of texts, or two words an id; for lists the values of all rows. */
  readonly values: Float64Array | Int32Array;
  readonly offsets?: Int32Array;
}

/** A finished batch. */
export interface SealedBatch {
  readonly table: string;
  readonly rows: number;
  /** In the order of the table, those left out in which nothing was observed. */
  readonly columns: readonly SealedColumn[];
  /** By code. The same object where codes mean the same: most batches of an import share it. */
  readonly texts: Texts;
}

const valuesOf = (column: AnyColumnData, rows: number): SealedColumn['values'] => {
  if (column instanceof ListColumn) return column.values.subarray(0, column.length);
  return column instanceof IdColumn ? column.words.subarray(0, 2 * rows) : column.subarray(0, rows);
};

const hasNumber = (values: Float64Array): boolean => {
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) return true;
  return false;
};

const hasWord = (values: Int32Array): boolean => {
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) return true;
  return false;
};

/** Finishes a batch, which must not be used before it is cleared: its arrays go over to what is returned. */
export const sealBatch = ({ table, columns, rows, interner }: Batch): SealedBatch => {
  const sealed: SealedColumn[] = [];
  for (const [name, { kind }] of Object.entries(table.columns)) {
    const column = columns[name] as AnyColumnData;
    const values = valuesOf(column, rows);
    if (column instanceof ListColumn) {
      if (values.length > 0) sealed.push({ name, kind, values, offsets: column.offsets.subarray(0, rows + 1) });
    } else if (values instanceof Float64Array ? hasNumber(values) : hasWord(values))
      sealed.push({ name, kind, values });
  }
  return { table: table.name, rows, columns: sealed, texts: interner.texts };
};
