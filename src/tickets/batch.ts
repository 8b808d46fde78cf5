/** A table in memory: typed arrays by column, no object per row. Makers fill it, labellers rewrite columns, the store writes it. */
import type { Interner } from '../kit/interner.ts';
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

type ColumnData<K extends ColumnKind> = K extends 'text'
  ? Int32Array
  : K extends 'texts' | 'counts'
    ? ListColumn
    : Float64Array;

export type BatchColumns<C extends Columns> = {
  readonly [N in keyof C]: C[N] extends Column<infer K> ? ColumnData<K> : never;
};

/**
 * Rows of one table in the making. Numbers start as NaN (NULL), text as code 0 (''), lists as [].
 *
 * @example
 * const batch = new Batch(flows, interner, 8192);
 * const row = batch.begin();
 * batch.columns.up_bytes[row] = 1500;
 * batch.columns.fqdn[row] = interner.code('e1.whatsapp.net');
 * batch.end();
 */
export class Batch<C extends Columns = Columns> {
  readonly table: Table<C>;
  readonly interner: Interner;
  readonly capacity: number;
  readonly columns: BatchColumns<C>;
  /** Finished rows. */
  rows = 0;
  readonly #lists: ListColumn[] = [];

  constructor(table: Table<C>, interner: Interner, capacity: number) {
    this.table = table;
    this.interner = interner;
    this.capacity = capacity;
    const columns: Record<string, Int32Array | Float64Array | ListColumn> = {};
    for (const [name, { kind }] of Object.entries(table.columns)) {
      if (kind === 'text') columns[name] = new Int32Array(capacity);
      else if (kind === 'texts' || kind === 'counts') {
        const list = new ListColumn(kind, capacity);
        this.#lists.push(list);
        columns[name] = list;
      } else columns[name] = new Float64Array(capacity).fill(Number.NaN);
    }
    this.columns = columns as BatchColumns<C>;
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
}

/** One column of a sealed batch; `offsets` for lists only. */
export interface SealedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Numbers by row (NaN is NULL), or codes into `dictionary`; for lists the values of all rows. */
  readonly values: Float64Array | Int32Array;
  readonly offsets?: Int32Array;
}

/** A finished batch with a dictionary of its own, holding only strings that its rows use: it can cross threads. */
export interface SealedBatch {
  readonly table: string;
  readonly rows: number;
  readonly columns: readonly SealedColumn[];
  /** dictionary[0] is ''. */
  readonly dictionary: readonly string[];
}

/**
 * Cuts the arrays to length and gives the batch its own dictionary, so that nothing a labeller replaced leaves with it.
 * The batch must not be used afterwards.
 */
export const sealBatch = (batch: Batch): SealedBatch => {
  const dictionary = [''];
  const own = new Int32Array(batch.interner.size);
  const recode = (codes: Int32Array): Int32Array => {
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i]!;
      if (code === 0) continue;
      let mine = own[code]!;
      if (mine === 0) {
        mine = dictionary.length;
        own[code] = mine;
        dictionary.push(batch.interner.text(code));
      }
      codes[i] = mine;
    }
    return codes;
  };
  const { rows } = batch;
  const columns = Object.entries(batch.table.columns).map(([name, { kind }]): SealedColumn => {
    const data = batch.columns[name] as Float64Array | Int32Array | ListColumn;
    if (data instanceof ListColumn) {
      const values = data.values.slice(0, data.length);
      if (values instanceof Int32Array) recode(values);
      return { name, kind, values, offsets: data.offsets.slice(0, rows + 1) };
    }
    const values = rows === batch.capacity ? data : data.slice(0, rows);
    return { name, kind, values: values instanceof Int32Array ? recode(values) : values };
  });
  return { table: batch.table.name, rows, columns, dictionary };
};
