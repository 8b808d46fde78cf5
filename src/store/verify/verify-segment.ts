/** A segment to the last bit: its hash, each of its values as the engine reads it, and how many rows it has. */
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import type { Table } from '../../tickets/column.ts';
import { checkSegment } from '../delta/check-segment.ts';
import type { Segment } from '../delta/segment.ts';
import { runQuery } from '../engine/query.ts';
import { selectSql } from '../engine/view.ts';

/** What is wrong with it; undefined if nothing is. */
export const verifySegment = async (
  engine: DuckDBInstance,
  table: Table,
  folder: string,
  segment: Segment,
): Promise<string | undefined> => {
  const reason = await checkSegment(join(folder, segment.file), segment, true);
  if (reason !== undefined) return reason;
  const hashes = Object.keys(table.columns).map((name) => `bit_xor(hash("${name}"))`);
  const sql = `SELECT count(*) AS n, ${hashes.join(', ')} FROM (${selectSql(table, folder, [segment])})`;
  try {
    const [row] = await (await runQuery(engine, { sql, values: {}, types: {} }, {})).rows();
    const rows = row?.n;
    return segment.rows === undefined || rows === segment.rows
      ? undefined
      : `it has ${rows} rows, and the log says ${segment.rows}`;
  } catch (error) {
    return `the engine cannot read it: ${error instanceof Error ? error.message : error}`;
  }
};
