/** Rows to standard output in the format asked for: table, csv, ndjson or json. */
import { toIsoTime } from '../kit/time.ts';
import { toTerminalTable } from './terminal-table.ts';

export const rowFormats = ['table', 'csv', 'ndjson', 'json'] as const;
export type RowFormat = (typeof rowFormats)[number];

export interface OutputColumn {
  readonly name: string;
  /** SQL type: times are told apart from counts by it. */
  readonly type: string;
}

export type OutputRow = Readonly<Record<string, unknown>>;

const isTime = (type: string): boolean => type.startsWith('TIMESTAMP') || type === 'time';
const isNumber = (type: string): boolean =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL|count|real)/.test(type);

/** A value as text for people and CSV: ISO times, lists joined by commas, NULL as nothing. */
const toText = (value: unknown, type: string): string => {
  if (value === null || value === undefined) return '';
  if (isTime(type) && typeof value === 'number') return toIsoTime(value);
  if (Array.isArray(value)) return value.map((item) => toText(item, type.replace(/\[\]$/, ''))).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** A value for JSON: times as ISO text, the rest as it is. */
const toJsonValue = (value: unknown, type: string): unknown =>
  isTime(type) && typeof value === 'number' ? toIsoTime(value) : value;

/** RFC 4180. */
const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * Writes rows as they come; a table is held until the end, for its columns are as wide as their widest cell.
 *
 * @param width characters to a line of a table
 */
export const writeRows = async (
  columns: readonly OutputColumn[],
  chunks: AsyncIterable<readonly OutputRow[]> | Iterable<readonly OutputRow[]>,
  format: RowFormat,
  write: (text: string) => void,
  width: number,
): Promise<void> => {
  const texts = (row: OutputRow): string[] => columns.map(({ name, type }) => toText(row[name], type));
  const json = (row: OutputRow): string =>
    JSON.stringify(Object.fromEntries(columns.map(({ name, type }) => [name, toJsonValue(row[name], type)])));
  if (format === 'table') {
    const rows: string[][] = [];
    for await (const chunk of chunks) for (const row of chunk) rows.push(texts(row));
    const heads = columns.map(({ name, type }) => ({ title: name, alignRight: isNumber(type) }));
    write(`${toTerminalTable(heads, rows, width)}\n`);
    return;
  }
  if (format === 'csv') write(`${columns.map(({ name }) => csvField(name)).join(',')}\n`);
  let first = true;
  for await (const chunk of chunks) {
    for (const row of chunk) {
      if (format === 'csv') write(`${texts(row).map(csvField).join(',')}\n`);
      else if (format === 'ndjson') write(`${json(row)}\n`);
      else write(`${first ? '[\n' : ',\n'}${json(row)}`);
      first = false;
    }
  }
  if (format === 'json') write(first ? '[]\n' : '\n]\n');
};
