/** The values of one column on their way into a Native block. */
import type { SealedColumn } from '../../tickets/batch.ts';
import type { ColumnKind } from '../../tickets/column.ts';
import type { ByteBuffer } from '../parquet/byte-buffer.ts';
import type { Words } from '../parquet/words.ts';
import { IdValues } from './id-values.ts';
import { ListValues } from './list-values.ts';
import { NumberValues } from './number-values.ts';
import { TextValues } from './text-values.ts';

/** Rows to which nothing was added are what is not observed: NULL, '' or []. */
export interface NativeValues {
  /** Was anything added? */
  readonly isUsed: boolean;
  /**
   * Adds some rows of a batch.
   *
   * @param rows which ones, in order
   * @param at row of the block that the first of them becomes; all rows before were added, or are left out
   */
  add(column: SealedColumn, rows: Int32Array, at: number): void;
  /** Writes the first `rows` rows, and forgets them. */
  end(out: ByteBuffer, rows: number): void;
}

/** @param type as columnType gives it */
export const valuesOf = (kind: ColumnKind, type: string, words: Words): NativeValues => {
  switch (kind) {
    case 'text':
      return new TextValues(words, type === 'String');
    case 'id':
      return new IdValues();
    case 'texts':
    case 'counts':
      return new ListValues(kind, words);
    default:
      return new NumberValues(kind);
  }
};
