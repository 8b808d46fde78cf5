/** Segments of a table into one, row after row, by the engine: what is in them stays as it is. */
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import type { DeltaLog } from '../delta/delta-log.ts';
import { writeEngineSegment } from '../delta/engine-segment.ts';
import type { Segment, WrittenSegment } from '../delta/segment.ts';
import { literal } from '../engine/engine.ts';

/**
 * Writes the rows of segments that hold the same columns into a new one, which no log names yet.
 *
 * @param condition in SQL: rows for which it does not hold are left out
 * @throws SONDE_STORE_WRITE_FAILED
 */
export const mergeSegments = (
  engine: DuckDBInstance,
  { table, folder }: DeltaLog,
  segments: readonly Segment[],
  condition = 'true',
): Promise<WrittenSegment> => {
  const { columns } = segments[0]!;
  const files = segments.map(({ file }) => literal(join(folder, file))).join(', ');
  const from = `read_parquet([${files}], hive_partitioning = false) WHERE ${condition}`;
  return writeEngineSegment(engine, { table, folder, columns }, from);
};
