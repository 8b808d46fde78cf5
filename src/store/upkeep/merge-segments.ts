/** Segments of a table into one, row after row, by the engine: what is in them stays as it is. */
import { randomUUID } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { hashFile } from '../delta/check-segment.ts';
import type { DeltaLog } from '../delta/delta-log.ts';
import { clocks, type Segment, type TimeRanges, type WrittenSegment } from '../delta/segment.ts';
import { sync } from '../delta/write-once.ts';
import { literal } from '../engine/engine.ts';
import { writeFailed } from '../store-errors.ts';

/** As in the segments of an import. */
const GROUP_ROWS = 65_536;

/**
 * Writes the rows of segments that hold the same columns into a new one, which no log names yet.
 *
 * @param condition in SQL: rows for which it does not hold are left out
 * @throws SONDE_STORE_WRITE_FAILED
 */
export const mergeSegments = async (
  engine: DuckDBInstance,
  { table, folder }: DeltaLog,
  segments: readonly Segment[],
  condition = 'true',
): Promise<WrittenSegment> => {
  const file = `${randomUUID()}.parquet`;
  const aside = join(folder, `.${file}.tmp`);
  const path = join(folder, file);
  const { columns } = segments[0]!;
  const names = Object.keys(table.columns).slice(0, columns);
  const files = segments.map((segment) => literal(join(folder, segment.file)));
  const ranges = clocks(table).filter((name) => names.includes(name));
  const connection = await engine.connect();
  try {
    await connection.run(
      `COPY (SELECT ${names.map((name) => `"${name}"`).join(', ')} FROM read_parquet([${files.join(', ')}], hive_partitioning = false) WHERE ${condition})
       TO ${literal(aside)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${GROUP_ROWS})`,
    );
    const facts = await connection.runAndReadAll(
      `SELECT count(*), ${ranges.map((name) => `epoch_us(min(${name})), epoch_us(max(${name}))`).join(', ')}
       FROM read_parquet(${literal(aside)})`,
    );
    const [rows, ...edges] = facts.getRows()[0]!;
    const times: Record<string, TimeRanges[string]> = {};
    for (const [i, name] of ranges.entries())
      if (edges[2 * i] !== null) times[name] = [Number(edges[2 * i]), Number(edges[2 * i + 1])];
    const sha256 = await hashFile(aside);
    await sync(aside);
    await rename(aside, path);
    await sync(folder);
    return { table: table.name, file, bytes: (await stat(path)).size, rows: Number(rows), sha256, columns, times };
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw writeFailed(error, { file: path });
  } finally {
    connection.closeSync();
  }
};
