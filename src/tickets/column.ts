/** What a column is: its kind, its doc comment, and how a table of columns is put together. */

/**
 * - `time`: UTC microseconds (SQL TIMESTAMP without zone). NaN in memory is NULL.
 * - `count`: a whole number (SQL BIGINT, signed). NaN is NULL.
 * - `real`: a double. NaN is NULL.
 * - `flag`: 0 or 1 (SQL BOOLEAN). NaN is NULL.
 * - `text`: never NULL; '' is "not observed".
 * - `id`: a text of 16 hex digits, or ''; in memory 64 bits, of which 0 is ''.
 * - `texts`, `counts`: lists, never NULL; [] is "not observed".
 */
export type ColumnKind = 'time' | 'count' | 'real' | 'flag' | 'text' | 'id' | 'texts' | 'counts';

export interface Column<K extends ColumnKind = ColumnKind> {
  readonly kind: K;
  /** One sentence or two for the data dictionary. */
  readonly doc: string;
}

export type Columns = Readonly<Record<string, Column>>;

/** A named set of columns; the order of its keys is the order of the columns, and new ones are only appended. */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly doc: string;
  readonly columns: C;
}

export const time = (doc: string): Column<'time'> => ({ kind: 'time', doc });
export const count = (doc: string): Column<'count'> => ({ kind: 'count', doc });
export const real = (doc: string): Column<'real'> => ({ kind: 'real', doc });
export const flag = (doc: string): Column<'flag'> => ({ kind: 'flag', doc });
export const text = (doc: string): Column<'text'> => ({ kind: 'text', doc });
export const id = (doc: string): Column<'id'> => ({ kind: 'id', doc });
export const texts = (doc: string): Column<'texts'> => ({ kind: 'texts', doc });
export const counts = (doc: string): Column<'counts'> => ({ kind: 'counts', doc });

/** The three columns that begin every table. */
export const origin = {
  source: text('Id of the import or stream that the row came from; a key of `imports.id`.'),
  vantage: text('Name of the place that measured.'),
  reported_at: time('Packet time at which the row was emitted; never decreases within a source.'),
};
