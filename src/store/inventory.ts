/** What the store has, table by table, as the logs tell and the folders show; no segment is opened for it. */
import { readdir } from 'node:fs/promises';
import { clocks } from './delta/segment.ts';
import type { Problem } from './store-errors.ts';
import { countUnnamedFiles, type Files } from './unnamed-files.ts';
import { isSmall } from './upkeep/plan-merges.ts';
import type { VisibleTable } from './visible-tables.ts';

/** A table; complete imports only, files excepted. */
export interface TableStatus {
  readonly table: string;
  /** Version of its log; -1 for a table without any commit. */
  readonly version: number;
  readonly segments: number;
  /** So small that compaction would merge them. */
  readonly smallSegments: number;
  /** Of segments that do not say how many they have, none is counted. */
  readonly rows: number;
  readonly bytes: number;
  /** What happened first and last, UTC microseconds; undefined if nobody knows. */
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
  readonly unnamed: Files;
  /** What the log and the names of the files tell: nothing was read for it. */
  readonly problems: readonly Problem[];
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

export const takeInventory = async ({ log, table, version, segments }: VisibleTable): Promise<TableStatus> => {
  const present = new Set(await readdir(log.folder).catch(() => []));
  const missing = segments
    .filter(({ file }) => !present.has(file))
    .map(({ file }) => ({ table: table.name, file, reason: 'the file is missing' }));
  const [reported, happened] = clocks(table);
  const ranges = segments.flatMap(({ times = {} }) => times[happened ?? ''] ?? times[reported!] ?? []);
  const ends = ranges.filter(Number.isFinite);
  return {
    table: table.name,
    version,
    segments: segments.length,
    smallSegments: segments.filter(isSmall).length,
    rows: sumOf(segments.map(({ rows }) => rows ?? 0)),
    bytes: sumOf(segments.map(({ bytes }) => bytes)),
    firstAt: ends.length === 0 ? undefined : ends.reduce((least, at) => Math.min(least, at)),
    lastAt: ends.length === 0 ? undefined : ends.reduce((most, at) => Math.max(most, at)),
    unnamed: await countUnnamedFiles(log),
    problems: [...(log.problem === undefined ? [] : [log.problem]), ...missing],
  };
};
