/** What all encoders of values have in common, whatever the type of the column. */
import type { ByteBuffer } from './byte-buffer.ts';
import type { Encoding, Physical } from './format.ts';

/**
 * How a page may be compressed: not where bits are packed, which are dense already; by what repeats in it; or, where
 * nothing does, by the symbols that it is made of, which costs a third of that.
 */
export type Compression = 'none' | 'repeats' | 'symbols';

/** How the values of a page were written. */
export interface EncodedPage {
  readonly encoding: Encoding;
  readonly compression: Compression;
}

/** Words in the order of their indexes, in the plain encoding. */
export interface Dictionary {
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** What an encoder kept while the pages of a column chunk were written. */
export interface EncodedChunk {
  readonly dictionary: Dictionary | undefined;
  /** The least and the greatest value in the plain encoding; undefined if there is none, or if they are long. */
  readonly range: { readonly least: Uint8Array; readonly greatest: Uint8Array } | undefined;
}

/** Writes the values of one column chunk page by page, each in the encoding that suits it. */
export interface ValueEncoder {
  readonly physical: Physical;
  /** Appends the first `count` values, at least one, none of them NULL; the array is that of the column's kind. */
  encode(values: Float64Array | Int32Array, count: number, out: ByteBuffer): EncodedPage;
  /** Ends the chunk; the next page is of another. */
  finish(): EncodedChunk;
}
