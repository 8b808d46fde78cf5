/** `sonde db status`: tables, files, time range and room on one screen. */
import { statfs } from 'node:fs/promises';
import { counted, formatValue } from '../analysis/format.ts';
import type { Store, TableStatus } from '../store/index.ts';
import { imports } from '../tickets/index.ts';
import { count, type OutputColumn, type RowFormat, text, time, writeRows } from './rows-output.ts';
import type { Terminal } from './terminal.ts';
import { toTerminalTable } from './terminal-table.ts';
import { hang } from './wrap.ts';

const columns: readonly OutputColumn[] = [
  text('table'),
  count('version'),
  count('rows'),
  count('segments'),
  count('small_segments'),
  count('bytes'),
  { name: 'bytes_per_row', kind: 'real' },
  time('first_at'),
  time('last_at'),
  count('unnamed_files'),
  count('unnamed_bytes'),
  { name: 'problems', kind: 'texts' },
];

const density = ({ bytes, rows }: TableStatus): number | undefined => (rows === 0 ? undefined : bytes / rows);

const problemsOf = ({ problems }: TableStatus): readonly string[] =>
  problems.map(({ table, file, reason }) => `${table}/${file}: ${reason}`);

const rowOf = (status: TableStatus) => ({
  table: status.table,
  version: status.version < 0 ? null : status.version,
  rows: status.rows,
  segments: status.segments,
  small_segments: status.smallSegments,
  bytes: status.bytes,
  bytes_per_row: density(status),
  first_at: status.firstAt,
  last_at: status.lastAt,
  unnamed_files: status.unnamed.files,
  unnamed_bytes: status.unnamed.bytes,
  problems: problemsOf(status),
});

const heads = ['table', 'rows', 'segments', 'small', 'size', 'B/row', 'first', 'last'].map((title, i) => ({
  title,
  alignRight: i > 0,
}));

const day = (at: number | undefined): string =>
  at === undefined ? '' : new Date(at / 1000).toISOString().slice(0, 10);

const cellsOf = (status: TableStatus): string[] => [
  status.table,
  formatValue('count', status.rows),
  formatValue('count', status.segments),
  formatValue('count', status.smallSegments),
  formatValue('bytes', status.bytes),
  density(status)?.toFixed(1) ?? '',
  day(status.firstAt),
  day(status.lastAt),
];

/** Bytes that are free where the store is; undefined if it is not there. */
const freeBytes = async (path: string): Promise<number | undefined> =>
  statfs(path).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );

const sum = (tables: readonly TableStatus[], numberOf: (status: TableStatus) => number): number =>
  tables.reduce((total, status) => total + numberOf(status), 0);

const toScreen = (store: Store, tables: readonly TableStatus[], free: number | undefined, width: number): string => {
  const bytes = formatValue(
    'bytes',
    sum(tables, (status) => status.bytes),
  );
  const room = free === undefined ? 'nothing there yet' : `${bytes}; ${formatValue('bytes', free)} free on the disk`;
  const newest = tables.find(({ table }) => table === imports.name)!.version;
  const unnamedFiles = sum(tables, ({ unnamed }) => unnamed.files);
  const unnamedBytes = formatValue(
    'bytes',
    sum(tables, ({ unnamed }) => unnamed.bytes),
  );
  const problems = tables.flatMap(problemsOf);
  const lines: readonly (readonly [head: string, text: string])[] = [
    ['store', `${store.path}: ${room}`],
    ['snapshot', newest < 0 ? 'none yet' : `${newest} is the newest: sonde db history lists them`],
    [
      'unnamed',
      unnamedFiles === 0 ? 'none' : `${counted(unnamedFiles, 'file')} (${unnamedBytes}) that no commit names`,
    ],
    ['problems', problems.length === 0 ? 'none seen; sonde doctor --deep reads everything' : problems.join('; ')],
  ];
  const told = lines.map(([head, text]) => hang(`  ${head.padEnd(8)}  ${text}`, width)).join('\n');
  return `${told}\n\n${toTerminalTable(heads, tables.map(cellsOf), width)}\n`;
};

/** Writes it; is there any problem? */
export const writeStatus = async (
  store: Store,
  format: RowFormat,
  { out, width }: Pick<Terminal, 'out' | 'width'>,
): Promise<boolean> => {
  const tables = await store.inventory();
  if (format === 'table') await out(toScreen(store, tables, await freeBytes(store.path), width));
  else await writeRows(columns, [tables.map(rowOf)], format, out, width);
  return tables.some(({ problems }) => problems.length > 0);
};
