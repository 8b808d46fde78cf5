/** What columns are in ClickHouse: the types of a table, and of the blocks that go into it. */
import type { ColumnKind, Table } from '../../tickets/column.ts';

/**
 * Which types a server knows.
 *
 * - `current`: version 24 or newer, which queries need.
 * - `old`: versions before `DateTime64` (20.1), tried with 18.16. Times are Int64 microseconds there, flags UInt8, texts
 *   are kept without a dictionary. Such a server takes what is delivered and counts it; the queries of the product do
 *   not run on it.
 */
export type Generation = 'current' | 'old';

const currentTypes: Readonly<Record<ColumnKind, string>> = {
  time: "Nullable(DateTime64(6, 'UTC'))",
  count: 'Nullable(Int64)',
  real: 'Nullable(Float64)',
  flag: 'Nullable(Bool)',
  text: 'LowCardinality(String)',
  id: 'String',
  texts: 'Array(String)',
  counts: 'Array(Int64)',
};

const types: Readonly<Record<Generation, Readonly<Record<ColumnKind, string>>>> = {
  current: currentTypes,
  old: { ...currentTypes, time: 'Nullable(Int64)', flag: 'Nullable(UInt8)', text: 'String' },
};

/** Texts that differ from row to row: a dictionary of them would be as long as the rows. */
const varied: ReadonlySet<string> = new Set([
  'source_uid',
  'community_id',
  'client',
  'client_ip',
  'client_prefix',
  'server_ip',
  'imsi',
  'msisdn',
  'imei',
  'path',
  'sha256',
]);

/** The type of a table's column; blocks carry it so too, since old servers convert nothing. */
export const columnType = (name: string, kind: ColumnKind, generation: Generation): string =>
  kind === 'text' && varied.has(name) ? 'String' : types[generation][kind];

/**
 * Columns that every table has besides its own, and that no query sees.
 *
 * - `write_attempt`: the attempt at an import that wrote the row. Rows show if the table of imports has the attempt.
 * - `write_block`: the number of its block in the attempt, so that no two blocks are alike but the same one sent again.
 * - `write_content`, in `imports`: the digest of what was read.
 * - `write_commit`, in `imports`: the number of the commit, if it is one of a stream, else 0.
 */
export const hiddenColumns = ({ name }: Table, generation: Generation): Readonly<Record<string, string>> => ({
  write_attempt: types[generation].text,
  write_block: 'UInt32',
  ...(name === 'imports' ? { write_content: 'String', write_commit: 'UInt32' } : {}),
});
