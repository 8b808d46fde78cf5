/** Queries that name a rollup, or tickets, as a relation over a range of time: `FROM volume({from:Int64}, {until:Int64})`. */
import type { Table } from '../tickets/column.ts';
import { tables } from '../tickets/index.ts';
import { binPlaces, inputPlaces } from './check-rollup.ts';
import type { Family, RollupJob } from './rollup-families.ts';

/** A range of time by the names of its placeholders. */
interface NamedRange {
  readonly from: string;
  readonly until: string;
}

/** What a query names: a family, with the width of the bins if it looks at bins, or a table of tickets. */
export type RangeCall = NamedRange &
  (
    | { readonly kind: 'rollup'; readonly family: Family; readonly width: string | undefined }
    | { readonly kind: 'tickets'; readonly table: Table }
  );

const call = /\b([a-z][a-z0-9_]*)\s*\(\s*\{(\w+):Int64\}\s*,\s*\{(\w+):Int64\}\s*(?:,\s*\{(\w+):Int64\}\s*)?\)/g;

/** Puts the relation that `relationOf` writes in the place of each of them. */
export const replaceCalls = (
  sql: string,
  families: ReadonlyMap<string, Family>,
  relationOf: (call: RangeCall) => string,
): string =>
  sql.replace(call, (all, name: string, from: string, until: string, width: string | undefined) => {
    const family = families.get(name);
    const table = tables.find((one) => one.name === name);
    if (family !== undefined) return `(\n${relationOf({ kind: 'rollup', family, from, until, width })}\n)`;
    return table === undefined ? all : `(${relationOf({ kind: 'tickets', table, from, until })})`;
  });

/** What the text names, in order. */
export const callsOf = (sql: string, families: ReadonlyMap<string, Family>): readonly RangeCall[] => {
  const calls: RangeCall[] = [];
  replaceCalls(sql, families, (one) => {
    calls.push(one);
    return '';
  });
  return calls;
};

/** The column that tells when the ticket happened: the second of its clocks. */
export const happenedAt = ({ columns }: Table): string =>
  Object.entries(columns).filter(([, { kind }]) => kind === 'time')[1]![0];

/** A width that puts all of time into one bin. */
const EVER = Number.MAX_SAFE_INTEGER;

/**
 * The query of a rollup over other rows than those of a window.
 *
 * @param rows a SELECT that gives the columns of the input
 * @param width of the bins, as it is to stand in the text; undefined: one bin for all
 */
export const rollupOver = (job: RollupJob, rows: string, width: string | number | undefined): string => {
  const { name } = job.inputs[0]!;
  return job.sql
    .replace(inputPlaces(name), () => `FROM (${rows}) AS ${name}`)
    .replace(binPlaces, () => String(width ?? EVER));
};

/**
 * The text over tickets alone, which any engine can run: the bins of its rollups are then as wide as it asks, and all
 * of time is one bin where it does not.
 *
 * @example
 * overTickets('SELECT sum(flows) AS n FROM flow_use({from:Int64}, {until:Int64})', families);
 */
export const overTickets = (sql: string, families: ReadonlyMap<string, Family>): string =>
  replaceCalls(sql, families, (one) => {
    const isIn = (column: string): string => {
      const time = (name: string): string => `fromUnixTimestamp64Micro({${name}:Int64})`;
      return `${column} >= ${time(one.from)} AND ${column} < ${time(one.until)}`;
    };
    if (one.kind === 'tickets') return `SELECT * FROM ${one.table.name} WHERE ${isIn(happenedAt(one.table))}`;
    const [base] = one.family;
    const rows = `SELECT * FROM ${base.inputs[0]!.table} WHERE ${isIn(base.rollup.of)}`;
    return rollupOver(base, rows, one.width && `{${one.width}:Int64}`);
  });
