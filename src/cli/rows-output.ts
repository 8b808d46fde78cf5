/** Rows to standard output in the format asked for: table, csv, ndjson or json. */
import { toIsoTime } from '../kit/time.ts';
import type { ResultKind } from '../store/index.ts';
import type { Write } from './terminal.ts';
import { toTerminalTable } from './terminal-table.ts';

export const rowFormats = ['table', 'csv', 'ndjson', 'json'] as const;
export type RowFormat = (typeof rowFormats)[number];

export interface OutputColumn {
  readonly name: string;
  readonly kind: ResultKind;
}

export const text = (name: string): OutputColumn => ({ name, kind: 'text' });
export const count = (name: string): OutputColumn => ({ name, kind: 'count' });
export const time = (name: string): OutputColumn => ({ name, kind: 'time' });

export type OutputRow = Readonly<Record<string, unknown>>;

/** What is never cut in a table: a part of it would lie. */
const wholeKinds: ReadonlySet<ResultKind> = new Set(['count', 'real', 'time']);

/** A value as text for people and CSV: ISO times, lists joined by commas, NULL as nothing. */
const toText = (value: unknown, kind: ResultKind): string => {
  if (value === null || value === undefined) return '';
  if (kind === 'time') return toIsoTime(value as number);
  if (kind === 'times') return (value as number[]).map(toIsoTime).join(',');
  return Array.isArray(value) ? value.join(',') : String(value);
};

/** A value for JSON: times as ISO text, the rest as it is. */
const toJsonValue = (value: unknown, kind: ResultKind): unknown => {
  if (value === null || value === undefined) return null;
  if (kind === 'time') return toIsoTime(value as number);
  return kind === 'times' ? (value as number[]).map(toIsoTime) : value;
};

/** RFC 4180. */
const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * Writes rows as they come, a chunk at a time, and takes no more while there is no room for them; a table is held until the
 * end, for its columns are as wide as their widest cell.
 *
 * @param width characters to a line of a table
 */
export const writeRows = async (
  columns: readonly OutputColumn[],
  chunks: AsyncIterable<readonly OutputRow[]> | Iterable<readonly OutputRow[]>,
  format: RowFormat,
  write: Write,
  width: number,
): Promise<void> => {
  const texts = (row: OutputRow): string[] => columns.map(({ name, kind }) => toText(row[name], kind));
  const json = (row: OutputRow): string =>
    JSON.stringify(Object.fromEntries(columns.map(({ name, kind }) => [name, toJsonValue(row[name], kind)])));
  if (format === 'table') {
    const rows: string[][] = [];
    for await (const chunk of chunks) for (const row of chunk) rows.push(texts(row));
    const heads = columns.map(({ name, kind }) => ({ title: name, alignRight: wholeKinds.has(kind) }));
    await write(`${toTerminalTable(heads, rows, width)}\n`);
    return;
  }
  if (format === 'csv') await write(`${columns.map(({ name }) => csvField(name)).join(',')}\n`);
  const line = (row: OutputRow): string => (format === 'csv' ? texts(row).map(csvField).join(',') : json(row));
  let isFirst = true;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    const lines = chunk.map(line);
    await write(format === 'json' ? `${isFirst ? '[\n' : ',\n'}${lines.join(',\n')}` : `${lines.join('\n')}\n`);
    isFirst = false;
  }
  if (format === 'json') await write(isFirst ? '[]\n' : '\n]\n');
};
