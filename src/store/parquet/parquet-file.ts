/** Sealed batches of one table as the bytes of a Parquet file, a row group at a time. */
import type { SealedBatch } from '../../tickets/batch.ts';
import type { Table } from '../../tickets/column.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { ColumnChunk, PageRoom } from './column-chunk.ts';
import { type WrittenRowGroup, writeFooter } from './footer.ts';
import { PageWords } from './page-words.ts';
import { Words } from './words.ts';

/** A row group ends with the batch that fills it. */
const GROUP_ROWS = 65_536;
const GROUP_BYTES = 2 ** 24;

const magic = Buffer.from('PAR1');

/**
 * The bytes of a file in the order in which they stand in it. Memory holds one row group in its final form.
 *
 * @example
 * const file = new ParquetFile(flows);
 * for (const batch of batches) {
 *   file.add(batch);
 *   if (file.isGroupFull) write(file.endGroup());
 * }
 * if (!file.isGroupEmpty) write(file.endGroup());
 * write(file.end());
 */
export class ParquetFile {
  readonly #table: Table;
  readonly #words = new Words();
  readonly #chunks: readonly ColumnChunk[];
  readonly #groups: WrittenRowGroup[] = [];
  readonly #names: readonly string[];
  readonly #out = new ByteBuffer();
  /** Bytes of the file that were given out. */
  #at = 0;
  #groupRows = 0;
  #rows = 0;

  constructor(table: Table) {
    this.#table = table;
    this.#names = Object.keys(table.columns);
    const page = new PageWords();
    const room = new PageRoom();
    this.#chunks = Object.values(table.columns).map(({ kind }) => new ColumnChunk(kind, this.#words, page, room));
  }

  get rows(): number {
    return this.#rows;
  }

  get isGroupEmpty(): boolean {
    return this.#groupRows === 0;
  }

  get isGroupFull(): boolean {
    return this.#groupRows >= GROUP_ROWS || this.#chunks.reduce((sum, chunk) => sum + chunk.bytes, 0) >= GROUP_BYTES;
  }

  /** Encodes the rows of a batch; nothing of it is kept. */
  add(batch: SealedBatch): void {
    this.#words.use(batch.dictionary);
    const columns = new Map(batch.columns.map((column) => [column.name, column]));
    this.#chunks.forEach((chunk, i) => {
      chunk.add(columns.get(this.#names[i]!), batch.rows);
    });
    this.#groupRows += batch.rows;
    this.#rows += batch.rows;
  }

  /** Ends the row group, which must not be empty, and gives its bytes, valid until the next one ends. */
  endGroup(): Uint8Array {
    const out = this.#out;
    out.clear();
    if (this.#at === 0) out.append(magic);
    const start = out.length;
    const chunks = this.#chunks.map((chunk) => chunk.finish(out));
    this.#words.clear();
    this.#groups.push({ rows: this.#groupRows, at: this.#at, bytes: out.length - start, chunks });
    this.#groupRows = 0;
    this.#at += out.length;
    return out.written;
  }

  /** The footer, which is the rest of the file. */
  end(): Uint8Array {
    return writeFooter(this.#table.columns, this.#groups);
  }
}
