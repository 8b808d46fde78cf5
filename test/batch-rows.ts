/** The rows of a sealed batch as objects. */
import type { SealedBatch } from '../src/tickets/batch.ts';
import { tables } from '../src/tickets/index.ts';

export type Row = Record<string, string | number | null | (string | number)[]>;

/** The text of an id of a sealed column. */
const idOf = (words: ArrayLike<number>, row: number): string => {
  const [high, low] = [words[2 * row]!, words[2 * row + 1]!];
  return high === 0 && low === 0 ? '' : [high, low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
};

/** Every value of a sealed batch; NULL is null. */
export const rowsOf = ({ table, rows: count, columns, texts }: SealedBatch): Row[] => {
  const rows: Row[] = Array.from({ length: count }, () => ({}));
  const observed = new Map(columns.map((column) => [column.name, column]));
  for (const [name, { kind }] of Object.entries(tables.find((one) => one.name === table)!.columns)) {
    const column = observed.get(name);
    const value = (i: number): string | number | null => {
      if (kind === 'id') return idOf(column?.values ?? [0, 0], column === undefined ? 0 : i);
      const stored = column?.values[i] ?? Number.NaN;
      if (kind === 'text' || kind === 'texts') return texts.text(stored);
      return Number.isNaN(stored) ? null : stored;
    };
    const list = (row: number): (string | number)[] => {
      const [from, until] = [column?.offsets?.[row] ?? 0, column?.offsets?.[row + 1] ?? 0];
      return Array.from({ length: until - from }, (_, i) => value(from + i)!);
    };
    const isList = kind === 'texts' || kind === 'counts';
    for (const [r, row] of rows.entries()) row[name] = isList ? list(r) : value(r);
  }
  return rows;
};
