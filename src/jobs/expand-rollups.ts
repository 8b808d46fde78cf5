/** Queries that name a rollup as a relation over a range of time: `FROM volume({from:Int64}, {until:Int64})`. */
import { binPlaces, inputPlaces } from './check-rollup.ts';
import type { Family, RollupJob } from './rollup-families.ts';

/** A range of time by the names of its placeholders, and the width of the bins, if the query looks at bins. */
export interface RollupCall {
  readonly family: Family;
  readonly from: string;
  readonly until: string;
  readonly width: string | undefined;
}

const call = /\b([a-z][a-z0-9_]*)\s*\(\s*\{(\w+):Int64\}\s*,\s*\{(\w+):Int64\}\s*(?:,\s*\{(\w+):Int64\}\s*)?\)/g;

/** Does the text name any of the families? */
export const namesRollup = (sql: string, families: ReadonlyMap<string, Family>): boolean =>
  [...sql.matchAll(call)].some(([, name]) => families.has(name!));

/** Puts the relation that `relationOf` writes in the place of each rollup. */
export const replaceRollups = (
  sql: string,
  families: ReadonlyMap<string, Family>,
  relationOf: (call: RollupCall) => string,
): string =>
  sql.replace(call, (all, name: string, from: string, until: string, width: string | undefined) => {
    const family = families.get(name);
    return family === undefined ? all : `(\n${relationOf({ family, from, until, width })}\n)`;
  });

/** A width that puts all of time into one bin. */
export const EVER = String(Number.MAX_SAFE_INTEGER);

/**
 * The query of a rollup over other rows than those of a window.
 *
 * @param rows a SELECT that gives the columns of the input
 * @param width of the bins, as it is to stand in the text; undefined: one bin for all
 */
export const rollupOver = (job: RollupJob, rows: string, width: string | undefined): string => {
  const { name } = job.inputs[0]!;
  return job.sql.replace(inputPlaces(name), () => `FROM (${rows}) AS ${name}`).replace(binPlaces, () => width ?? EVER);
};

/**
 * The text over tickets alone, which any engine can run: the bins of its rollups are then as wide as it asks, and all
 * of time is one bin where it does not.
 *
 * @example
 * overTickets('SELECT sum(flows) AS n FROM flow_use({from:Int64}, {until:Int64})', families);
 */
export const overTickets = (sql: string, families: ReadonlyMap<string, Family>): string =>
  replaceRollups(sql, families, ({ family: [base], from, until, width }) => {
    const time = (name: string): string => `fromUnixTimestamp64Micro({${name}:Int64})`;
    const { of } = base.rollup;
    const rows = `SELECT * FROM ${base.inputs[0]!.table} WHERE ${of} >= ${time(from)} AND ${of} < ${time(until)}`;
    return rollupOver(base, rows, width && `{${width}:Int64}`);
  });
