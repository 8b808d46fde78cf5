/** What two stores of any kind can compare: how many rows a table has, and a sum over their texts in which order does not count. */
import type { ColumnKind, Table } from '../tickets/column.ts';

export interface Checksum {
  readonly table: string;
  readonly rows: number;
  /** Sum of the first 32 bits of the MD5 of each row. */
  readonly sum: string;
}

/** How times are kept. */
type Clock = 'timestamps' | 'microseconds';

/** Between columns. */
const mark = "'|'";

/** A value as a text that all engines write alike. NULL is '-'; of a real there are six digits behind the point. */
const textOf = (name: string, kind: ColumnKind, clock: Clock): string => {
  const orNull = (sql: string): string => `coalesce(toString(${sql}), '-')`;
  switch (kind) {
    case 'time':
      return orNull(clock === 'timestamps' ? `toUnixTimestamp64Micro(${name})` : name);
    case 'count':
      return orNull(name);
    case 'flag':
      return orNull(`toInt64(${name})`);
    case 'real':
      return orNull(`toInt64(round(${name} * 1000000))`);
    case 'texts':
      return `concat(toString(length(${name})), ':', arrayStringConcat(${name}, ','))`;
    case 'counts':
      return `replaceAll(toString(${name}), ' ', '')`;
    default:
      return name;
  }
};

/**
 * The query, in the functions that DuckDB has as macros and ClickHouse by itself, version 18 included.
 *
 * @param isOwn condition for the rows that count
 */
export const checksumSql = ({ columns, name }: Table, clock: Clock, isOwn: string, from = name): string => {
  const texts = Object.entries(columns).flatMap(([column, { kind }]) => [textOf(column, kind, clock), mark]);
  return `SELECT count(*) AS n, toString(coalesce(sum(intDiv(halfMD5(row_text), 4294967296)), 0)) AS total
FROM (SELECT concat(${texts.join(', ')}) AS row_text FROM ${from} WHERE ${isOwn}) AS texts`;
};
