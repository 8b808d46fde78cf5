/** Retention: the oldest segments leave their tables, by age or by what there is room for. */
import { imports } from '../../tickets/index.ts';
import type { DeltaLog } from '../delta/delta-log.ts';
import { removeSegments } from '../delta/remove-segments.ts';
import type { Segment, WrittenSegment } from '../delta/segment.ts';
import { type EngineOptions, startEngine } from '../engine/engine.ts';
import { type VisibleTable, visibleTables } from '../visible-tables.ts';
import { soundOnes } from './compact.ts';
import { mergeSegments } from './merge-segments.ts';
import { withoutRunning } from './running-rows.ts';

export interface Limits {
  /** Microseconds by the reported clock, back from the newest row of the store. */
  readonly ageUs?: number;
  /** Of all segments together. */
  readonly bytes?: number;
}

/** What left a table. */
export interface Retired {
  readonly table: string;
  readonly segments: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Where another process was faster, all is looked at again. */
const MAX_TRIES = 5;

interface Aged {
  readonly table: string;
  readonly segment: Segment;
  /** Its oldest row and its newest one by the reported clock. */
  readonly range: readonly [first: number, last: number];
}

const isImports = ({ table }: DeltaLog): boolean => table.name === imports.name;

/** The segments beyond the limits: whole ones, the oldest first, and for want of room never the newest of a table. */
const chooseOld = (aged: readonly Aged[], allBytes: number, { ageUs, bytes }: Limits): ReadonlySet<Segment> => {
  const byAge = [...aged].sort((a, b) => a.range[1] - b.range[1]);
  const since = ageUs === undefined ? Number.NEGATIVE_INFINITY : (byAge.at(-1)?.range[1] ?? 0) - ageUs;
  const newest = new Map(byAge.map(({ table, segment }) => [table, segment]));
  const old = new Set<Segment>();
  let left = allBytes;
  for (const { table, segment, range } of byAge) {
    const isTooMuch = bytes !== undefined && left > bytes && newest.get(table) !== segment;
    if (range[1] >= since && !isTooMuch) continue;
    old.add(segment);
    left -= segment.bytes;
  }
  return old;
};

const sum = (segments: readonly { readonly rows?: number | undefined; readonly bytes: number }[]) => ({
  rows: segments.reduce((total, { rows }) => total + (rows ?? 0), 0),
  bytes: segments.reduce((total, { bytes }) => total + bytes, 0),
});

/** Takes segments out of a table, in one commit that adds what stays of them; undefined if another process was faster. */
const retire = async (
  log: DeltaLog,
  segments: readonly Segment[],
  importsVersion: number,
  rest: readonly WrittenSegment[] = [],
): Promise<Retired | undefined> => {
  const removed = segments.map(({ file }) => file);
  if (
    removed.length > 0 &&
    (await log.append({ segments: rest, removed, operation: 'RETAIN', importsVersion })) === 'conflict'
  )
    return undefined;
  const [gone, kept] = [sum(segments), sum(rest)];
  return {
    table: log.table.name,
    segments: segments.length - rest.length,
    rows: gone.rows - kept.rows,
    bytes: gone.bytes - kept.bytes,
  };
};

/** Takes the rows of imports out that were reported before `first`, the oldest row that is left: nothing of them is. */
const retireImports = async (
  { log, segments }: VisibleTable,
  first: number,
  importsVersion: number,
  options: EngineOptions,
): Promise<Retired | undefined> => {
  const known = Object.keys(log.table.columns).length;
  const touched = segments.filter(
    ({ times, columns }) => (times?.reported_at?.[0] ?? first) < first && columns <= known,
  );
  if (touched.length === 0) return retire(log, [], importsVersion);
  const engine = await startEngine(options);
  try {
    const old = await withoutRunning(engine, log, await soundOnes(log, touched));
    const written: WrittenSegment[] = [];
    for (const segment of old)
      if (segment.times!.reported_at![1] >= first)
        written.push(await mergeSegments(engine, log, [segment], `coalesce(epoch_us(reported_at) >= ${first}, true)`));
    const outcome = await retire(log, old, importsVersion, written);
    if (outcome === undefined) await removeSegments(log, written);
    return outcome;
  } finally {
    engine.closeSync();
  }
};

/**
 * Takes the oldest segments out of their tables, a commit a table; their files go with the next vacuum after the grace.
 * A segment goes as a whole, when its newest row is beyond the age, or while all are too large together; then the
 * newest one of each table stays. That an import was there stays known, so that repeating it does not bring it back.
 *
 * @param logs one a table in the order of commits, `imports` last
 * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_UNREADABLE
 */
export const retain = async (
  logs: readonly DeltaLog[],
  limits: Limits,
  options: EngineOptions,
): Promise<readonly Retired[]> => {
  const retired: Retired[] = [];
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { tables, importsVersion } = await visibleTables(logs);
    // What a rewrite is about to replace is the rewrite's.
    const readable = tables
      .filter(({ log }) => log.problem === undefined)
      .map((table) => ({ ...table, segments: table.segments.filter(({ file }) => table.log.segments.has(file)) }));
    const aged = readable.flatMap(({ log, segments }) =>
      segments.flatMap((segment): Aged | [] => {
        const range = segment.times?.reported_at;
        return range === undefined || isImports(log) ? [] : { table: log.table.name, segment, range };
      }),
    );
    const bytes = sum(tables.flatMap(({ segments }) => segments)).bytes;
    const old = chooseOld(aged, bytes, limits);
    const left = aged.filter(({ segment }) => !old.has(segment)).map(({ range }) => range[0]);
    const first = left.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
    const outcomes: (Retired | undefined)[] = [];
    for (const table of readable) {
      const { log, segments } = table;
      if (!isImports(log))
        outcomes.push(
          await retire(
            log,
            segments.filter((segment) => old.has(segment)),
            importsVersion,
          ),
        );
      else if (Number.isFinite(first)) outcomes.push(await retireImports(table, first, importsVersion, options));
    }
    retired.push(...outcomes.filter((one) => one !== undefined).filter(({ rows }) => rows > 0));
    if (!outcomes.includes(undefined)) break;
  }
  return retired;
};
