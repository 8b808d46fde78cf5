/** Merges small segments into larger ones, while others read and write: the rows of the tables stay what they are. */
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { checkSegment } from '../delta/check-segment.ts';
import type { DeltaLog } from '../delta/delta-log.ts';
import { removeSegments } from '../delta/remove-segments.ts';
import type { Segment } from '../delta/segment.ts';
import { type EngineOptions, startEngine } from '../engine/engine.ts';
import type { Problem } from '../store-errors.ts';
import { type VisibleTable, visibleTables } from '../visible-tables.ts';
import { mergeSegments } from './merge-segments.ts';
import { isSmall, planMerges } from './plan-merges.ts';
import { withoutRunning } from './running-rows.ts';

/** What was merged of a table. */
export interface Merged {
  readonly table: string;
  readonly segments: number;
  readonly into: number;
  readonly rows: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** @param tell hears of those that are not sound */
export const soundOnes = async (
  { table, folder }: DeltaLog,
  segments: readonly Segment[],
  tell: (problem: Problem) => void = () => undefined,
): Promise<readonly Segment[]> => {
  const sound: Segment[] = [];
  for (const segment of segments) {
    const reason = await checkSegment(join(folder, segment.file), segment);
    if (reason === undefined) sound.push(segment);
    else tell({ table: table.name, file: segment.file, reason });
  }
  return sound;
};

const sum = (segments: readonly Segment[], of: (segment: Segment) => number): number =>
  segments.reduce((total, segment) => total + of(segment), 0);

const mergeTable = async (
  engine: DuckDBInstance,
  { log, segments }: VisibleTable,
  importsVersion: number,
  tell: (problem: Problem) => void,
): Promise<Merged> => {
  const merged = { table: log.table.name, segments: 0, into: 0, rows: 0, bytesBefore: 0, bytesAfter: 0 };
  // What a rewrite is about to replace is the rewrite's; a damaged one stays, to be named to whoever asks for it.
  const own = segments.filter((segment) => isSmall(segment) && log.segments.has(segment.file));
  const small = await withoutRunning(engine, log, await soundOnes(log, own, tell));
  for (const group of planMerges(small, Object.keys(log.table.columns).length)) {
    const segment = await mergeSegments(engine, log, group);
    const rows = sum(group, (one) => one.rows!);
    if (segment.rows !== rows) throw new Error(`${rows} rows of ${log.table.name} became ${segment.rows}`);
    const removed = group.map(({ file }) => file);
    const outcome = await log.append({
      segments: [segment],
      removed,
      isRewrite: true,
      operation: 'COMPACT',
      importsVersion,
    });
    if (outcome === 'conflict') {
      await removeSegments(log, [segment]);
      continue;
    }
    merged.segments += group.length;
    merged.into++;
    merged.rows += rows;
    merged.bytesBefore += sum(group, ({ bytes }) => bytes);
    merged.bytesAfter += segment.bytes;
  }
  return merged;
};

/**
 * Merges, a commit a merged segment. Where another process replaced one of them meanwhile, its work stands and this
 * one's is dropped. A kill leaves a file that no log names.
 *
 * @param logs one a table in the order of commits, `imports` last
 * @param tell hears of segments that are damaged: they stay as they are
 * @param least small segments that a table must have for its own to be merged
 * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_UNREADABLE; what was merged before stands
 */
export const compact = async (
  logs: readonly DeltaLog[],
  options: EngineOptions,
  tell: (problem: Problem) => void,
  least = 2,
): Promise<readonly Merged[]> => {
  const { tables, importsVersion } = await visibleTables(logs);
  const crowded = tables.filter(
    ({ log, segments }) => log.problem === undefined && segments.filter(isSmall).length >= least,
  );
  if (crowded.length === 0) return [];
  const engine = await startEngine(options);
  try {
    const merged: Merged[] = [];
    for (const table of crowded) merged.push(await mergeTable(engine, table, importsVersion, tell));
    return merged.filter(({ into }) => into > 0);
  } finally {
    engine.closeSync();
  }
};
