/** The SQL that runs a job over one window: its query, with a slice behind the name of each input. */
import type { Parameters } from '../store/index.ts';
import type { ColumnKind, Table } from '../tickets/column.ts';
import { type Job, sliceOf } from './job.ts';

/** A value as the store will have it: what follows in the same commit must read the same as what comes later. */
const stored: Readonly<Record<ColumnKind, (value: string) => string>> = {
  time: (value) => `CAST(${value} AS TIMESTAMP)`,
  count: (value) => `CAST(${value} AS BIGINT)`,
  real: (value) => `nullif(CAST(${value} AS DOUBLE), 'nan'::DOUBLE)`,
  flag: (value) => `CAST(${value} AS BOOLEAN)`,
  text: (value) => `coalesce(CAST(${value} AS VARCHAR), '')`,
  id: (value) => `coalesce(CAST(${value} AS VARCHAR), '')`,
  texts: (value) => `coalesce(list_filter(CAST(${value} AS VARCHAR[]), lambda one: one IS NOT NULL), [])`,
  counts: (value) => `coalesce(list_filter(CAST(${value} AS BIGINT[]), lambda one: one IS NOT NULL), [])`,
};

/** The columns of a job as the store will have them, out of what its query gives. */
export const storedColumns = ({ columns }: Job): string =>
  Object.entries(columns)
    .map(([name, { kind }]) => `${stored[kind](`"${name}"`)} AS "${name}"`)
    .join(', ');

/** Lines of `windowSql` before the query of the job. */
export const linesBefore = 2;

/**
 * The query of a job over the window that begins at `start`.
 *
 * @param relations by the name of the input, what holds its rows, and may hold others
 */
export const windowSql = (job: Job, start: number, relations: ReadonlyMap<string, string>): string => {
  const slices = job.inputs.map((input) => {
    const { from, until } = sliceOf(job, input, start);
    const isInside = `reported_at >= make_timestamp(${from}) AND reported_at < make_timestamp(${until})`;
    return `"${input.name}" AS (SELECT * FROM ${relations.get(input.name)} AS held WHERE ${isInside})`;
  });
  return `WITH ${slices.join(', ')}\nSELECT * FROM (\n${job.sql}\n) AS answer`;
};

/** The same as rows of the table of the job, with the id of the run. */
export const rowsSql = (job: Job, start: number, id: string, relations: ReadonlyMap<string, string>): string => {
  const vantage = 'vantage' in job.columns ? [] : [`'' AS vantage`];
  const origin = [`'${id}' AS source`, `make_timestamp(${start}) AS reported_at`, ...vantage];
  return `SELECT ${[...origin, storedColumns(job)].join(', ')} FROM (${windowSql(job, start, relations)}\n) AS answer`;
};

/** What a query may ask of its window, as placeholders: `{window_start:Int64}`; a rollup the width of its bins. */
export const windowParameters = ({ stepUs, rollup }: Job, start: number): Parameters =>
  rollup === undefined ? { window_start: start, window_end: start + stepUs } : { bin: rollup.widthUs };

const readsAll =
  /(?:\bselect|\bdistinct|\ball|,|\.|\bon\s*\([^)]*\))\s*\*|\bnatural\b|\(\s*from\b|\btable\b|\bcolumns\s*\(/i;

/** The columns of a table that the query may read: those whose names stand in it or in the header, and the clock. */
export const readColumns = (job: Job, table: Table): readonly string[] => {
  const all = Object.keys(table.columns);
  if (readsAll.test(job.sql)) return all;
  const words = new Set(job.sql.toLowerCase().match(/\w+/g));
  return all.filter((name) => name === 'reported_at' || words.has(name) || name in job.columns);
};
