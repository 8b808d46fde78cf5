/** A segment that the engine writes: the rows of a SELECT, which never pass through this program. */
import { randomUUID } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance, DuckDBMapValue } from '@duckdb/node-api';
import { HOUR } from '../../kit/time.ts';
import type { Table } from '../../tickets/column.ts';
import { literal } from '../engine/engine.ts';
import { writeFailed } from '../store-errors.ts';
import { hashFile } from './check-segment.ts';
import { atMost } from './hour-counts.ts';
import { clocks, type TimeRanges, type WrittenSegment } from './segment.ts';
import { makeFolder, sync } from './write-once.ts';

/** As in the segments of an import. */
const GROUP_ROWS = 65_536;

/** Where a segment goes, and what it holds. */
interface Target {
  readonly table: Table;
  /** The table's. */
  readonly folder: string;
  /** How many columns: the first ones of the table. */
  readonly columns: number;
}

/**
 * Writes rows into a segment that no log names yet.
 *
 * @param from what stands behind `SELECT ... FROM`
 * @throws SONDE_STORE_WRITE_FAILED
 */
export const writeEngineSegment = async (
  engine: DuckDBInstance,
  { table, folder, columns }: Target,
  from: string,
): Promise<WrittenSegment> => {
  const file = `${randomUUID()}.parquet`;
  const aside = join(folder, `.${file}.tmp`);
  const path = join(folder, file);
  const names = Object.keys(table.columns).slice(0, columns);
  const ranges = clocks(table).filter((name) => names.includes(name));
  const connection = await engine.connect();
  try {
    await makeFolder(folder);
    await connection.run(
      `COPY (SELECT ${names.map((name) => `"${name}"`).join(', ')} FROM ${from})
       TO ${literal(aside)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${GROUP_ROWS})`,
    );
    const facts = await connection.runAndReadAll(
      `SELECT count(*), histogram(epoch_us(reported_at) // ${HOUR}), ${ranges.map((name) => `epoch_us(min("${name}")), epoch_us(max("${name}"))`).join(', ')}
       FROM read_parquet(${literal(aside)})`,
    );
    const [rows, perHour, ...edges] = facts.getRows()[0]!;
    const hours = new Map(
      (perHour as DuckDBMapValue | null)?.entries.map(({ key, value }) => [Number(key) * HOUR, Number(value)]),
    );
    const times: Record<string, TimeRanges[string]> = {};
    for (const [i, name] of ranges.entries())
      if (edges[2 * i] !== null) times[name] = [Number(edges[2 * i]), Number(edges[2 * i + 1])];
    const sha256 = await hashFile(aside);
    await sync(aside);
    await rename(aside, path);
    await sync(folder);
    const bytes = (await stat(path)).size;
    return { table: table.name, file, bytes, rows: Number(rows), sha256, columns, times, hours: atMost(hours) };
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw writeFailed(error, { file: path });
  } finally {
    connection.closeSync();
  }
};
