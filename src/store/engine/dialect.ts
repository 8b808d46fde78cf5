/** One SQL text for both engines: ClickHouse's placeholders and function names, made to work in DuckDB. */
import { BIGINT, BOOLEAN, DOUBLE, type DuckDBType, type DuckDBValue, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import { SondeError } from '../../kit/errors.ts';

/** A value for a placeholder. Whole numbers must be safe integers. */
type Parameter = string | number | boolean | readonly string[] | readonly number[];
export type Parameters = Readonly<Record<string, Parameter>>;

interface PlaceholderType {
  readonly type: DuckDBType;
  readonly sql: string;
}

// ClickHouse's types that queries use, by what they become. Times are passed as Int64 microseconds.
const placeholderTypes: Readonly<Record<string, PlaceholderType>> = {
  String: { type: VARCHAR, sql: 'VARCHAR' },
  Int64: { type: BIGINT, sql: 'BIGINT' },
  Float64: { type: DOUBLE, sql: 'DOUBLE' },
  Bool: { type: BOOLEAN, sql: 'BOOLEAN' },
  'Array(String)': { type: LIST(VARCHAR), sql: 'VARCHAR[]' },
  'Array(Int64)': { type: LIST(BIGINT), sql: 'BIGINT[]' },
};

// What must not be looked into comes first: strings, quoted names, comments.
const tokens =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\{(\w+)\s*:\s*([A-Za-z0-9]+(?:\([A-Za-z0-9]+\))?)\s*\}/g;

/** A query for DuckDB, and what to bind to it. */
export interface DuckdbQuery {
  readonly sql: string;
  readonly values: Record<string, DuckDBValue>;
  readonly types: Record<string, DuckDBType>;
}

/** The placeholders of a text: name and type, as often as they stand there. */
const placeholdersOf = (sql: string): readonly (readonly [name: string, type: string])[] =>
  [...sql.matchAll(tokens)].flatMap(([, name, type]) =>
    name === undefined || !(type! in placeholderTypes) ? [] : [[name, type!]],
  );

const parseList = (text: string, isElement: (one: unknown) => boolean): Parameter | undefined => {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every(isElement) ? list : undefined;
  } catch {
    return undefined;
  }
};

const isWhole = (one: unknown): boolean => Number.isSafeInteger(one);

/** How a value is read that a person typed, by type. */
const readers: Readonly<Record<string, (text: string) => Parameter | undefined>> = {
  String: (text) => text,
  Int64: (text) => (/^-?\d+$/.test(text) && isWhole(Number(text)) ? Number(text) : undefined),
  Float64: (text) => (text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text)),
  Bool: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  'Array(String)': (text) => parseList(text, (one) => typeof one === 'string'),
  'Array(Int64)': (text) => parseList(text, isWhole),
};

/**
 * Values for the placeholders of a query that a person typed, with the values; lists are JSON.
 *
 * @throws SONDE_USAGE for a placeholder without a value, a value without a placeholder, or one of another type
 */
export const readParameters = (sql: string, texts: ReadonlyMap<string, string>): Parameters => {
  const parameters: Record<string, Parameter> = {};
  for (const [name, type] of placeholdersOf(sql)) {
    const text = texts.get(name);
    const value = text === undefined ? undefined : readers[type]!(text);
    if (value === undefined)
      throw new SondeError(
        'SONDE_USAGE',
        text === undefined ? `the placeholder {${name}:${type}} has no value` : `not a value of type ${type}`,
        { parameter: name, ...(text === undefined ? {} : { given: text }) },
        `give it as ${name}=VALUE`,
      );
    parameters[name] = value;
  }
  for (const name of texts.keys())
    if (!(name in parameters))
      throw new SondeError(
        'SONDE_USAGE',
        'the query has no such placeholder',
        { parameter: name },
        `write {${name}:String}`,
      );
  return parameters;
};

const toEngineValue = (value: Parameter, { sql }: PlaceholderType): DuckDBValue => {
  if (typeof value === 'object') return listValue(value.map((one) => (sql === 'BIGINT[]' ? BigInt(one) : one)));
  return sql === 'BIGINT' ? BigInt(value) : value;
};

/**
 * Turns `{name:Type}` into a typed parameter of DuckDB.
 *
 * @example
 * toDuckdb('SELECT count(*) FROM flows WHERE service = {service:String}', { service: 'WhatsApp' });
 *
 * @throws an error for a placeholder without value: that is a bug in the query
 */
export const toDuckdb = (sql: string, parameters: Parameters = {}): DuckdbQuery => {
  const values: DuckdbQuery['values'] = {};
  const types: Record<string, DuckDBType> = {};
  const text = sql.replace(tokens, (all: string, name?: string, typeName?: string) => {
    const type = placeholderTypes[typeName ?? ''];
    // `{a: b}` is a struct of DuckDB.
    if (name === undefined || type === undefined) return all;
    const value = parameters[name];
    if (value === undefined) throw new Error(`the placeholder ${all} has no value`);
    values[name] = toEngineValue(value, type);
    types[name] = type.type;
    return `CAST($${name} AS ${type.sql})`;
  });
  return { sql: text, values, types };
};

/**
 * ClickHouse's functions that DuckDB gets as macros. Where both have a function of that name and meaning (argMax,
 * argMin, any_value, lower, length, least ...) there is nothing to do.
 *
 * Over no rows counts are 0, and sums, means and extremes of numbers are NULL, in ClickHouse too, since all numbers of
 * the tables may be NULL; extremes of texts are NULL here and '' there, so queries write `coalesce`. None of the macros
 * takes FILTER or DISTINCT: use the If form.
 */
const macros: readonly string[] = [
  // Aggregates.
  'uniqExact(x) AS count(DISTINCT x)',
  'uniqExactIf(x, condition) AS count(DISTINCT x) FILTER (WHERE condition)',
  'groupBitOr(x) AS bit_or(x)',
  'bitShiftLeft(x, n) AS x << n',
  'bitShiftRight(x, n) AS x >> n',
  'bitAnd(x, y) AS x & y',
  'countIf(condition) AS count(*) FILTER (WHERE condition)',
  'sumIf(x, condition) AS sum(x) FILTER (WHERE condition)',
  'minIf(x, condition) AS min(x) FILTER (WHERE condition)',
  'maxIf(x, condition) AS max(x) FILTER (WHERE condition)',
  'avgIf(x, condition) AS avg(x) FILTER (WHERE condition)',
  'groupArray(x) AS coalesce(list(x) FILTER (WHERE x IS NOT NULL), [])',
  'groupUniqArray(x) AS coalesce(list(DISTINCT x) FILTER (WHERE x IS NOT NULL), [])',
  // Time. All of it is UTC and without zone.
  "toStartOfMinute(t) AS CAST(date_trunc('minute', t) AS TIMESTAMP)",
  "toStartOfHour(t) AS CAST(date_trunc('hour', t) AS TIMESTAMP)",
  "toStartOfDay(t) AS CAST(date_trunc('day', t) AS TIMESTAMP)",
  "toStartOfInterval(t, step) AS time_bucket(step, t, TIMESTAMP '1970-01-01 00:00:00')",
  'toIntervalSecond(n) AS to_seconds(n)',
  'toUnixTimestamp(t) AS epoch_us(t) // 1000000',
  'toUnixTimestamp64Micro(t) AS epoch_us(t)',
  'fromUnixTimestamp64Micro(us) AS make_timestamp(us)',
  'toHour(t) AS hour(t)',
  'toDayOfWeek(t) AS isodow(t)',
  // Numbers.
  'intDiv(a, b) AS (a // b)',
  'toInt64(x) AS CAST(x AS BIGINT)',
  'toFloat64(x) AS CAST(x AS DOUBLE)',
  // Texts and lists.
  'toString(x) AS CAST(x AS VARCHAR)',
  'startsWith(s, start) AS starts_with(s, start)',
  'endsWith(s, finish) AS suffix(s, finish)',
  'replaceAll(s, part, other) AS replace(s, part, other)',
  "halfMD5(s) AS CAST(concat('0x', left(md5(s), 16)) AS UBIGINT)",
  'arrayStringConcat(xs, mark) AS array_to_string(xs, mark)',
  'has(xs, x) AS list_contains(xs, x)',
  'arrayJoin(xs) AS unnest(xs)',
  'arraySort(xs) AS list_sort(xs)',
];

/** The statement that makes the macros. */
export const macroSql = macros.map((macro) => `CREATE MACRO ${macro};`).join('\n');
