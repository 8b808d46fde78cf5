/** The numbers by which Parquet's headers name things (parquet.thrift), and headers of pages. */
import { bool, i32, struct, type ThriftValue } from './thrift.ts';

export const Encoding = {
  PLAIN: 0,
  RLE: 3,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
} as const;
export type Encoding = (typeof Encoding)[keyof typeof Encoding];

export const Physical = { BOOLEAN: 0, INT64: 2, DOUBLE: 5, BYTE_ARRAY: 6 } as const;
export type Physical = (typeof Physical)[keyof typeof Physical];

export const Codec = { UNCOMPRESSED: 0, GZIP: 2 } as const;
export type Codec = (typeof Codec)[keyof typeof Codec];

const PageType = { DICTIONARY_PAGE: 2, DATA_PAGE_V2: 3 } as const;

/** What stands before the bytes of a page; sizes are those of what follows, levels included. */
export interface DataPage {
  /** Places, empty lists and NULLs included. */
  readonly places: number;
  /** Places that hold no value. */
  readonly missing: number;
  readonly rows: number;
  readonly encoding: Encoding;
  readonly repetitionBytes: number;
  readonly definitionBytes: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly isCompressed: boolean;
}

export const dataPageHeader = (page: DataPage): ThriftValue =>
  struct({
    1: i32(PageType.DATA_PAGE_V2),
    2: i32(page.rawBytes),
    3: i32(page.storedBytes),
    8: struct({
      1: i32(page.places),
      2: i32(page.missing),
      3: i32(page.rows),
      4: i32(page.encoding),
      5: i32(page.definitionBytes),
      6: i32(page.repetitionBytes),
      7: bool(page.isCompressed),
    }),
  });

export const dictionaryPageHeader = (values: number, rawBytes: number, storedBytes: number): ThriftValue =>
  struct({
    1: i32(PageType.DICTIONARY_PAGE),
    2: i32(rawBytes),
    3: i32(storedBytes),
    7: struct({ 1: i32(values), 2: i32(Encoding.PLAIN) }),
  });
