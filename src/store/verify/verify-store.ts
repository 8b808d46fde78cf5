/** A look at every bit of a store: its logs, its segments, and whether the rows make sense together. */
import type { DeltaLog } from '../delta/delta-log.ts';
import { startEngine } from '../engine/engine.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Problem } from '../store-errors.ts';
import { verifyLog } from './verify-log.ts';
import { verifyDoubles, verifySources } from './verify-rows.ts';
import { verifySegment } from './verify-segment.ts';

/** What was looked at, and what is wrong with it. */
export interface Verdict {
  readonly name: 'logs' | 'segments' | 'doubles' | 'sources';
  /** As `12 commits of 6 tables`. */
  readonly looked: string;
  readonly problems: readonly string[];
}

const sentence = ({ table, file, reason }: Problem): string => `${table}/${file}: ${reason}`;

/**
 * Looks. What is damaged is named, and the rest looked at all the same.
 *
 * @param logs one a table, just read
 * @param snapshot of the same store
 * @param onSegment is told how many of how many segments were looked at
 */
export const verifyStore = async (
  logs: readonly DeltaLog[],
  snapshot: Snapshot,
  onSegment: (done: number, all: number) => void,
): Promise<readonly Verdict[]> => {
  const engine = await startEngine({ memoryMb: 512 });
  try {
    let commits = 0;
    let tables = 0;
    const ofLogs: Problem[] = [];
    for (const log of logs) {
      const verdict = await verifyLog(log);
      commits += verdict.commits;
      if (verdict.commits > 0) tables++;
      ofLogs.push(...verdict.problems);
    }
    const ofSegments: Problem[] = [];
    const all = logs.reduce((sum, { segments }) => sum + segments.size, 0);
    let done = 0;
    for (const { table, folder, segments } of logs)
      for (const segment of segments.values()) {
        const reason = await verifySegment(engine, table, folder, segment);
        if (reason !== undefined) ofSegments.push({ table: table.name, file: segment.file, reason });
        onSegment(++done, all);
      }
    return [
      { name: 'logs', looked: `${commits} commits of ${tables} tables`, problems: ofLogs.map(sentence) },
      { name: 'segments', looked: `${all} segments, every value`, problems: ofSegments.map(sentence) },
      { name: 'doubles', looked: 'no row is there twice', problems: await verifyDoubles(snapshot) },
      { name: 'sources', looked: 'imports and rows go together', problems: await verifySources(snapshot) },
    ];
  } finally {
    engine.closeSync();
  }
};
