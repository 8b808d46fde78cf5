/** Results of the engine as plain values: what a column holds, and its values as JavaScript has them. */
import { type DuckDBType, DuckDBTypeId, type DuckDBValue } from '@duckdb/node-api';
import { DAY } from '../../kit/time.ts';
import type { ColumnKind } from '../../tickets/column.ts';

/** Kinds of tickets, `times`, `reals`, `flags` for lists of those, and 'other' for what is given as the engine's text. */
export type ResultKind = ColumnKind | 'times' | 'reals' | 'flags' | 'other';

export interface ResultColumn {
  readonly name: string;
  readonly kind: ResultKind;
}

/**
 * A value of a result: a time in UTC microseconds, a count as a number (as a text beyond 2^53), a list as an array, and
 * null for what is not known, NaN included.
 */
export type Value = string | number | boolean | null | readonly Value[];

/** A row by column name. */
export type Row = Readonly<Record<string, Value>>;

const kinds: Readonly<Partial<Record<DuckDBTypeId, ResultKind>>> = {
  [DuckDBTypeId.BOOLEAN]: 'flag',
  [DuckDBTypeId.TINYINT]: 'count',
  [DuckDBTypeId.SMALLINT]: 'count',
  [DuckDBTypeId.INTEGER]: 'count',
  [DuckDBTypeId.BIGINT]: 'count',
  [DuckDBTypeId.UTINYINT]: 'count',
  [DuckDBTypeId.USMALLINT]: 'count',
  [DuckDBTypeId.UINTEGER]: 'count',
  [DuckDBTypeId.UBIGINT]: 'count',
  [DuckDBTypeId.HUGEINT]: 'count',
  [DuckDBTypeId.UHUGEINT]: 'count',
  [DuckDBTypeId.FLOAT]: 'real',
  [DuckDBTypeId.DOUBLE]: 'real',
  [DuckDBTypeId.DECIMAL]: 'real',
  [DuckDBTypeId.VARCHAR]: 'text',
  [DuckDBTypeId.ENUM]: 'text',
  [DuckDBTypeId.TIMESTAMP]: 'time',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'time',
  [DuckDBTypeId.DATE]: 'time',
};

/** What a list of values of a kind is. */
export const listKinds: Readonly<Partial<Record<ResultKind, ResultKind>>> = {
  text: 'texts',
  count: 'counts',
  time: 'times',
  real: 'reals',
  flag: 'flags',
};

/** What a column of this type holds. */
export const kindOf = (type: DuckDBType): ResultKind =>
  (type.typeId === DuckDBTypeId.LIST ? listKinds[kindOf(type.valueType)] : kinds[type.typeId]) ?? 'other';

/** A whole number, or what stands for one in a text. */
export const toCount = (value: bigint | number | string): number | string => {
  const count = Number(value);
  return Number.isSafeInteger(count) ? count : String(value);
};

/** A value of the engine, in a column of this type, as a plain one. */
export const toValue = (value: DuckDBValue, type: DuckDBType): Value => {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  if (typeof value === 'bigint') return toCount(value);
  if (typeof value !== 'object') return value;
  if (type.typeId === DuckDBTypeId.LIST && 'items' in value && Array.isArray(value.items))
    return value.items.map((item) => toValue(item, type.valueType));
  if (type.typeId === DuckDBTypeId.DATE && 'days' in value) return Number(value.days) * DAY;
  if (kindOf(type) === 'time' && 'micros' in value) return Number(value.micros);
  return kindOf(type) === 'real' ? Number(String(value)) : String(value);
};
