/** Puts a value that a test wrote down into a row of a batch. */
import { type Batch, IdColumn, ListColumn } from '../src/tickets/batch.ts';

export type Cell = string | number | null | readonly (string | number)[];

/** Numbers and texts as they are, null for NULL, ids as 16 hex digits, lists as arrays: in the order of the rows. */
export const fillCell = (batch: Batch, name: string, row: number, cell: Cell): void => {
  const column = batch.columns[name];
  if (column === undefined) throw new Error(`${batch.table.name} has no column ${name}`);
  const stored = (one: string | number): number => (typeof one === 'string' ? batch.interner.code(one) : one);
  if (column instanceof ListColumn) for (const one of cell as readonly (string | number)[]) column.push(stored(one));
  else if (column instanceof IdColumn) {
    const digits = cell as string;
    column.set(row, Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8), 16));
  } else column[row] = stored((cell as string | number | null) ?? Number.NaN);
};
