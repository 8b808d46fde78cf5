/** The SQL that runs a job over one window: its query, with a slice behind the name of each input. */
import type { Parameters } from '../store/index.ts';
import { type Job, sliceOf } from './job.ts';

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

/** What a query may ask of its window, as placeholders: `{window_start:Int64}`. */
export const windowParameters = ({ stepUs }: Job, start: number): Parameters => ({
  window_start: start,
  window_end: start + stepUs,
});
