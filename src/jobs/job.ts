/** A job: one SELECT that is run window by window over slices of its inputs, and fills one table. */
import type { Columns } from '../tickets/column.ts';

/** A line and a column of a job file, both from 1 on. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** An input: of each window the slice [B - window - delay, B - delay), where B is the end of the primary window. */
export interface JobInput {
  readonly table: string;
  /** What the query calls it. */
  readonly name: string;
  /** Microseconds, as all times of a job. */
  readonly windowUs: number;
  readonly delayUs: number;
  readonly place: Place;
}

/**
 * What makes a job a rollup: each of its rows is of one bin of the time at which something happened, and rows of equal
 * keys from several windows are to be added up by whoever reads them.
 */
export interface Rollup {
  /** What analyses ask for; it has several jobs, each with wider bins, made of the one before. */
  readonly family: string;
  /** The column with the start of the bin. */
  readonly bin: string;
  /** The column of the input that is put into bins. */
  readonly of: string;
  readonly widthUs: number;
  readonly place: Place;
}

export interface Job {
  /** Name of the job and of the table that it fills: one table has one job. */
  readonly name: string;
  /** What stands above the header. */
  readonly doc: string;
  readonly file: string;
  /** Fingerprint of the text. */
  readonly version: string;
  readonly inputs: readonly JobInput[];
  /** Width of the primary window: the clock steps by it, and windows are aligned to it. */
  readonly stepUs: number;
  /** What is put into one commit at most when windows are caught up with; a multiple of the step. */
  readonly outputWindowUs: number;
  /** As the query gives them; the table begins with `source`, `vantage` and `reported_at`. */
  readonly columns: Columns;
  /** Higher goes first. */
  readonly priority: number;
  /** No window begins before; undefined: the first window with a row. */
  readonly startUs: number | undefined;
  /** How far tickets must have passed the end of a window. */
  readonly latenessUs: number;
  /** Is a window run in which no input has a row? */
  readonly runsEmpty: boolean;
  /** Undefined if its rows do not add up. */
  readonly rollup: Rollup | undefined;
  readonly sql: string;
  /** Where the query begins in the file. */
  readonly sqlPlace: Place;
  /** Of the output, for errors. */
  readonly place: Place;
}

/** A window of a job begins at a multiple of its step. */
export const windowOf = ({ stepUs }: Job, at: number): number => Math.floor(at / stepUs) * stepUs;

/** The slice of an input for the window that begins at `start`: [from, until). */
export const sliceOf = (
  { stepUs }: Job,
  { windowUs, delayUs }: JobInput,
  start: number,
): { readonly from: number; readonly until: number } => {
  const until = start + stepUs - delayUs;
  return { from: until - windowUs, until };
};

/** Does the input hold what earlier windows of the same job gave? */
export const isOwn = ({ name }: Job, { table }: JobInput): boolean => table === name;
