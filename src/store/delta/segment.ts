/** A segment: an immutable Parquet file of one table, and what the log says of it. */

import { toIsoTime } from '../../kit/time.ts';
import type { Table } from '../../tickets/column.ts';
import type { Action } from './delta-commit.ts';
import { formatHours, type HourCounts, parseHours } from './hour-counts.ts';
import type { Transaction } from './transaction.ts';

/** Least and greatest value of a time column, UTC microseconds; a column without any value has no entry. */
export type TimeRanges = Readonly<Record<string, readonly [least: number, greatest: number]>>;

/** A segment that was written and synced, and that no commit names yet. */
export interface WrittenSegment {
  readonly table: string;
  /** File name inside the table's folder. */
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  readonly sha256: string;
  /** How many columns it holds: the first ones of the table. */
  readonly columns: number;
  readonly times: TimeRanges;
  /** Undefined if it spans too many. */
  readonly hours: HourCounts | undefined;
}

/** A segment that a commit added. */
export interface Segment {
  readonly file: string;
  readonly bytes: number;
  /** Undefined if the program that wrote it did not say. */
  readonly rows: number | undefined;
  /** Undefined if the program that wrote it did not say. */
  readonly sha256: string | undefined;
  readonly columns: number;
  /** Of the clocks; undefined if the program that wrote it did not say. */
  readonly times: TimeRanges | undefined;
  /** Undefined if nobody said. */
  readonly hours: HourCounts | undefined;
  /** When its commit was made, milliseconds since 1970. */
  readonly addedAt: number;
  /** The transaction of its commit: it hides the segment until the table of imports has it too. */
  readonly transaction: Transaction | undefined;
}

/** The clocks of a table whose range is kept: when a row was reported, and when it happened (the next time column). */
export const clocks = (table: Table): readonly string[] =>
  Object.entries(table.columns)
    .filter(([, { kind }]) => kind === 'time')
    .slice(0, 2)
    .map(([name]) => name);

// Delta statistics write a time without zone as ISO 8601 without the Z.
const localTime = (at: number): string => toIsoTime(at).slice(0, -1);

/** The first and the last microsecond that a time of the statistics can mean: other programs cut them at milliseconds. */
const parseLocalTime = (text: unknown): readonly [first: number, last: number] | undefined => {
  const [, seconds, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z?$/.exec(String(text)) ?? [];
  if (seconds === undefined) return undefined;
  const first = Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0'));
  return Number.isNaN(first) ? undefined : [first, first + 10 ** (6 - fraction.length) - 1];
};

/**
 * The `add` action of a segment.
 *
 * @param at milliseconds since 1970
 * @param isDataChange false if its rows were in the table before
 * @param transaction that of its commit: told here too, for another program that writes a checkpoint keeps tags
 */
export const addAction = (
  segment: WrittenSegment,
  at: number,
  isDataChange: boolean,
  transaction: Transaction | undefined,
): Action => {
  const ranges = Object.entries(segment.times);
  return {
    add: {
      path: segment.file,
      partitionValues: {},
      size: segment.bytes,
      modificationTime: at,
      dataChange: isDataChange,
      stats: JSON.stringify({
        numRecords: segment.rows,
        minValues: Object.fromEntries(ranges.map(([name, [least]]) => [name, localTime(least)])),
        maxValues: Object.fromEntries(ranges.map(([name, [, greatest]]) => [name, localTime(greatest)])),
      }),
      tags: {
        sha256: segment.sha256,
        columns: String(segment.columns),
        ...(segment.hours && { hours: formatHours(segment.hours) }),
        ...transactionTags(transaction),
      },
    },
  };
};

/**
 * The `remove` action of a file of the table.
 *
 * @param at milliseconds since 1970
 * @param isDataChange false if its rows stay in the table
 */
export const removeAction = (file: string, at: number, isDataChange: boolean): Action => ({
  remove: { path: file, deletionTimestamp: at, dataChange: isDataChange },
});

// Absolute paths, URLs, ways up, and what an engine would expand.
const strayPath = /^$|^[/\\]|^[a-z][a-z0-9+.-]*:|(^|[/\\])\.\.([/\\]|$)|[\0*?[]/i;

/** A path of the log as a file name below the table's folder; undefined if it leads out of it. */
export const parsePath = (path: unknown): string | undefined => {
  if (typeof path !== 'string') return undefined;
  try {
    const file = decodeURIComponent(path);
    return strayPath.test(file) ? undefined : file;
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const parseTimes = (least: unknown, greatest: unknown): TimeRanges | undefined => {
  if (!isObject(least) || !isObject(greatest)) return undefined;
  const ranges: Record<string, readonly [number, number]> = {};
  for (const name of Object.keys(least)) {
    const first = parseLocalTime(least[name])?.[0];
    const last = parseLocalTime(greatest[name])?.[1];
    if (first !== undefined && last !== undefined) ranges[name] = [first, last];
  }
  return ranges;
};

const parseStats = (text: unknown): Pick<Segment, 'rows' | 'times'> => {
  let stats: unknown;
  try {
    stats = JSON.parse(String(text));
  } catch {}
  if (!isObject(stats)) return { rows: undefined, times: undefined };
  const { numRecords, minValues, maxValues } = stats;
  return {
    rows: typeof numRecords === 'number' ? numRecords : undefined,
    times: parseTimes(minValues, maxValues),
  };
};

/** A segment's transaction as tags: in a checkpoint its `add` does not stand beside the `txn` of its commit. */
export const transactionTags = (transaction: Transaction | undefined): Readonly<Record<string, string>> =>
  transaction === undefined
    ? { application: '' }
    : { application: transaction.appId, applicationVersion: String(transaction.version) };

const parseTransaction = (
  { application, applicationVersion }: Readonly<Record<string, unknown>>,
  own: Transaction | undefined,
): Transaction | undefined => {
  if (typeof application !== 'string') return own;
  return application === '' ? undefined : { appId: application, version: Number(applicationVersion) };
};

/**
 * Reads an `add` action; undefined if it names no file.
 *
 * @param columns how many columns the table had at this commit, for a segment that does not say
 * @param transaction the transaction of the same commit, for a segment that does not say
 */
export const parseAdd = (
  add: Readonly<Record<string, unknown>>,
  columns: number,
  transaction: Transaction | undefined,
): Segment | undefined => {
  const file = parsePath(add.path);
  if (file === undefined || typeof add.size !== 'number') return undefined;
  const tags = (add.tags ?? {}) as Readonly<Record<string, unknown>>;
  const own = Number(tags.columns);
  const hash = tags.sha256;
  return {
    file,
    bytes: add.size,
    ...parseStats(add.stats),
    sha256: typeof hash === 'string' ? hash : undefined,
    columns: Number.isInteger(own) && own > 0 ? own : columns,
    hours: parseHours(tags.hours),
    addedAt: Number(add.modificationTime ?? 0),
    transaction: parseTransaction(tags, transaction),
  };
};
