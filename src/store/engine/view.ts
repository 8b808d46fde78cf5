/** A table of the store as a view of DuckDB over its segments, with all columns whatever a segment holds. */
import { join } from 'node:path';
import type { ColumnKind, Table } from '../../tickets/column.ts';
import type { Segment } from '../delta/segment.ts';
import { literal } from './engine.ts';

const missing: Readonly<Record<ColumnKind, string>> = {
  time: 'NULL::TIMESTAMP',
  count: 'NULL::BIGINT',
  real: 'NULL::DOUBLE',
  flag: 'NULL::BOOLEAN',
  text: "''",
  id: "''",
  texts: '[]::VARCHAR[]',
  counts: '[]::BIGINT[]',
};

/** The columns of a segment that has the first `present` ones; the others as what they are when not observed. */
const select = (table: Table, present: number): string =>
  Object.entries(table.columns)
    // Quoted, for jobs name columns as they like.
    .map(([name, { kind }], i) => (i < present ? `"${name}"` : `${missing[kind]} AS "${name}"`))
    .join(', ');

/**
 * The rows of segments as a SELECT.
 *
 * Segments are grouped by how many columns they hold, since columns are only ever appended: within a group the engine
 * takes the schema of the first file and opens the others only if a query needs them.
 */
export const selectSql = (table: Table, folder: string, segments: readonly Segment[]): string => {
  const all = Object.keys(table.columns).length;
  const groups = new Map<number, string[]>();
  for (const { file, columns } of segments) {
    const present = Math.min(columns, all);
    const files = groups.get(present) ?? [];
    groups.set(present, files);
    files.push(literal(join(folder, file)));
  }
  const parts = [...groups].map(
    ([present, files]) =>
      `SELECT ${select(table, present)} FROM read_parquet([${files.join(', ')}], hive_partitioning = false)`,
  );
  return parts.length === 0 ? emptySelect(table) : parts.join(' UNION ALL ');
};

/** A SELECT that gives the columns of a table and no rows. */
export const emptySelect = (table: Table): string => `SELECT ${select(table, 0)} WHERE false`;

/** The statement that makes the view. */
export const viewSql = (table: Table, folder: string, segments: readonly Segment[]): string =>
  `CREATE VIEW "${table.name}" AS ${selectSql(table, folder, segments)}`;
