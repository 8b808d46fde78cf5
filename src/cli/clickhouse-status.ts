/** `sonde db status` of a ClickHouse: tables, parts, time range and room on one screen. */
import { counted, formatValue } from '../analysis/format.ts';
import type { ClickhouseStore, ServerTable } from '../store/index.ts';
import { count, type OutputColumn, type RowFormat, text, time, writeRows } from './rows-output.ts';
import type { Terminal } from './terminal.ts';
import { toTerminalTable } from './terminal-table.ts';
import { hang } from './wrap.ts';

const columns: readonly OutputColumn[] = [
  text('table'),
  count('rows'),
  count('hidden_rows'),
  count('parts'),
  count('bytes'),
  time('first_at'),
  time('last_at'),
];

const rowOf = ({ hiddenRows, firstAt, lastAt, ...one }: ServerTable) => ({
  ...one,
  hidden_rows: hiddenRows,
  first_at: firstAt,
  last_at: lastAt,
});

const heads = ['table', 'rows', 'hidden', 'parts', 'size', 'first', 'last'].map((title, i) => ({
  title,
  alignRight: i > 0,
}));

const day = (at: number | undefined): string =>
  at === undefined ? '' : new Date(at / 1000).toISOString().slice(0, 10);

const cellsOf = ({ table, rows, hiddenRows, parts, bytes, firstAt, lastAt }: ServerTable): string[] => [
  table,
  formatValue('count', rows),
  formatValue('count', hiddenRows),
  formatValue('count', parts),
  formatValue('bytes', bytes),
  day(firstAt),
  day(lastAt),
];

export const describeCluster = ({ path, cluster: { version, shards } }: ClickhouseStore): string => {
  const servers = counted(shards.flat().length, 'server');
  return `${path}: ClickHouse ${version}, ${servers} in ${counted(shards.length, 'shard')}`;
};

/** What is hidden is of imports that run, or of those that broke off. */
export const writeClickhouseStatus = async (
  store: ClickhouseStore,
  format: RowFormat,
  { out, width }: Pick<Terminal, 'out' | 'width'>,
): Promise<void> => {
  const tables = await store.inventory();
  if (format !== 'table') return writeRows(columns, [tables.map(rowOf)], format, out, width);
  const free = await store.freeBytes();
  const room = free === undefined ? '' : `; ${formatValue('bytes', free)} free on the disk that has least`;
  const bytes = formatValue(
    'bytes',
    tables.reduce((sum, one) => sum + one.bytes, 0),
  );
  const told = hang(`  store     ${describeCluster(store)}; ${bytes}${room}`, width);
  await out(`${told}\n\n${toTerminalTable(heads, tables.map(cellsOf), width)}\n`);
};
