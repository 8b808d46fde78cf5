/** Rows of `imports` that streams still replace: nobody else may. */
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { imports } from '../../tickets/index.ts';
import type { DeltaLog } from '../delta/delta-log.ts';
import type { Segment } from '../delta/segment.ts';
import { streamOf } from '../delta/transaction.ts';
import { literal } from '../engine/engine.ts';

/** The segments of a table without those of such rows. All of them must be sound. */
export const withoutRunning = async (
  engine: DuckDBInstance,
  { folder, table }: DeltaLog,
  segments: readonly Segment[],
): Promise<readonly Segment[]> => {
  const rows = segments.filter(({ transaction }) => streamOf(transaction?.appId ?? '') !== undefined);
  if (table.name !== imports.name || rows.length === 0) return segments;
  const files = rows.map(({ file }) => literal(join(folder, file)));
  const connection = await engine.connect();
  try {
    const running = await connection.runAndReadAll(
      `SELECT filename FROM read_parquet([${files.join(', ')}], filename = true) WHERE state = 'running'`,
    );
    const paths = new Set(running.getRows().map(([path]) => String(path)));
    return segments.filter(({ file }) => !paths.has(join(folder, file)));
  } finally {
    connection.closeSync();
  }
};
