/** Queries: text with typed placeholders, `{service:String}`, and the function that runs them. */

export type Parameters = Readonly<Record<string, string | number>>;

/**
 * Runs a text with its placeholders bound: what the store gives to analyses. The text may name rollups, and takes a range of
 * time with each: `FROM volume({from:Int64}, {until:Int64})`.
 */
export type Query = (
  sql: string,
  parameters: Record<string, string | number>,
) => Promise<{
  readonly rows: readonly Row[];
  /** The same over tickets alone, to be run by hand. */
  readonly sql: string;
}>;

/** A row as an engine returns it: numbers up to 2^53 as numbers, larger ones as text or bigint. */
export type Row = Readonly<Record<string, unknown>>;

/** All of time, as a range for queries. */
export const ever = { from: 0, until: Number.MAX_SAFE_INTEGER };

const placeholder = /\{(\w+):\w+\}/g;

/** The parameters that the text asks for. */
export const selectParameters = (sql: string, parameters: Parameters): Record<string, string | number> => {
  const selected: Record<string, string | number> = {};
  for (const [, name] of sql.matchAll(placeholder)) {
    const value = parameters[name!];
    if (value === undefined) throw new TypeError(`no parameter ${name}`);
    selected[name!] = value;
  }
  return selected;
};

/** The text with its parameters written in, to be run by hand. Words are quoted as in standard SQL. */
export const fillParameters = (sql: string, parameters: Parameters): string =>
  sql.replace(placeholder, (_, name: string) => {
    const value = parameters[name];
    return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
  });

/** A number of the row, or null if it is not observed. */
export const numberOrNull = (row: Row, name: string): number | null => {
  const value = row[name];
  return value === null || value === undefined ? null : Number(value);
};

/** A number that the query always gives; anything else is an error in the query. */
export const numberOf = (row: Row, name: string): number => {
  const value = Number(row[name] ?? Number.NaN);
  if (Number.isNaN(value)) throw new TypeError(`the query gave no number ${name}`);
  return value;
};

/** A text of the row; '' is "not observed". */
export const textOf = (row: Row, name: string): string => String(row[name] ?? '');
