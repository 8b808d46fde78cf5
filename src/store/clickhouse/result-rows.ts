/** Rows of ClickHouse as plain values: lines of JSONCompactEachRowWithNamesAndTypes. */
import { DAY } from '../../kit/time.ts';
import { listKinds, type ResultColumn, type ResultKind, toCount, type Value } from '../engine/rows.ts';

/** Settings under which answers are what this file reads. */
export const rowSettings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 0,
  output_format_json_quote_decimals: 0,
  date_time_output_format: 'unix_timestamp',
} as const;

const wrapper = /^(?:Nullable|LowCardinality|SimpleAggregateFunction)\((?:\w+, )?(.*)\)$/;

/** The type without what does not change its values. */
const plainType = (type: string): string => {
  const inner = wrapper.exec(type)?.[1];
  return inner === undefined ? type : plainType(inner);
};

const elementType = (type: string): string | undefined => /^Array\((.*)\)$/.exec(type)?.[1];

/** What a column of this type holds. */
const kindOf = (type: string): ResultKind => {
  const plain = plainType(type);
  const element = elementType(plain);
  if (element !== undefined) return listKinds[kindOf(element)] ?? 'other';
  if (/^U?Int\d+$/.test(plain)) return 'count';
  if (/^(Float|BFloat|Decimal)/.test(plain)) return 'real';
  if (/^Date/.test(plain)) return 'time';
  if (/^(String|FixedString|Enum|UUID|IPv)/.test(plain)) return 'text';
  return plain === 'Bool' ? 'flag' : 'other';
};

/** Seconds with up to six digits behind the point as microseconds, without the loss of a multiplication. */
const microsOf = (seconds: string): number => {
  const [whole, fraction = ''] = seconds.split('.');
  return Number(whole + fraction.padEnd(6, '0').slice(0, 6));
};

/** A day as `2014-02-22`. */
const dayOf = (text: string): number => Math.round(Date.parse(`${text}T00:00:00Z`) / 86_400e3) * DAY;

const timeOf = (value: unknown): Value => {
  const text = String(value);
  return text.includes('-', 1) ? dayOf(text) : microsOf(text);
};

/** A function that turns what JSON has in a column of this type into a plain value. */
const converterOf = (type: string): ((value: unknown) => Value) => {
  const plain = plainType(type);
  const element = elementType(plain);
  if (element !== undefined) {
    const convert = converterOf(element);
    return (value) => (value as readonly unknown[]).map((one) => (one === null ? null : convert(one)));
  }
  switch (kindOf(plain)) {
    case 'count':
      return (value) => toCount(value as number | string);
    case 'time':
      return timeOf;
    case 'real':
      return (value) => Number(value);
    case 'flag':
      return (value) => value === true;
    default:
      return (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
};

/** The columns of an answer, and what makes a row of a line. */
export interface RowReader {
  readonly columns: readonly ResultColumn[];
  readonly read: (line: string) => Readonly<Record<string, Value>>;
}

/** Names that come twice get a number, as the other engine does it. */
const distinct = (names: readonly string[]): readonly string[] => {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}:${count}`;
  });
};

/** @param names @param types the first two lines of the answer */
export const rowReader = (names: readonly string[], types: readonly string[]): RowReader => {
  const keys = distinct(names);
  const converters = types.map(converterOf);
  return {
    columns: keys.map((name, i) => ({ name, kind: kindOf(types[i]!) })),
    read: (line) => {
      const values = JSON.parse(line) as readonly unknown[];
      const row: Record<string, Value> = {};
      keys.forEach((key, i) => {
        const value = values[i];
        row[key] = value === null ? null : converters[i]!(value);
      });
      return row;
    },
  };
};
