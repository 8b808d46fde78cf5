/** Sealed batches of one table as the bytes of a Parquet file, a row group at a time. */
import type { SealedBatch } from '../../tickets/batch.ts';
import type { Table } from '../../tickets/column.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { ColumnChunk } from './column-chunk.ts';
import { type WrittenRowGroup, writeFooter } from './footer.ts';
import type { PageRoom } from './page-room.ts';
import { Words } from './words.ts';

/** A row group ends with the batch that fills it. */
const GROUP_ROWS = 65_536;
const GROUP_BYTES = 2 ** 24;

const magic = Buffer.from('PAR1');

/**
 * The bytes of a file in the order in which they stand in it. Memory holds one row group in its final form.
 *
 * @example
 * const file = new ParquetFile(flows, new PageRoom());
 * for (const batch of batches) {
 *   file.add(batch);
 *   write(file.take());
 * }
 * file.end();
 * write(file.take());
 */
export class ParquetFile {
  readonly #table: Table;
  readonly #words = new Words();
  readonly #chunks: readonly (readonly [name: string, chunk: ColumnChunk])[];
  readonly #groups: WrittenRowGroup[] = [];
  readonly #out = new ByteBuffer();
  /** Where in the file the first byte of #out stands. */
  #at = 0;
  #isTaken = false;
  #groupRows = 0;
  #rows = 0;

  /** @param room may be shared with other files */
  constructor(table: Table, room: PageRoom) {
    this.#table = table;
    this.#chunks = Object.entries(table.columns).map(([name, { kind }]) => [
      name,
      new ColumnChunk(kind, this.#words, room),
    ]);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds the rows of a batch, of which nothing is kept. A row group ends where it is full, or codes get other meanings. */
  add({ texts, columns, rows }: SealedBatch): void {
    if (!this.#words.knows(texts)) this.#endGroup();
    this.#words.use(texts);
    const byName = new Map(columns.map((column) => [column.name, column]));
    for (const [name, chunk] of this.#chunks) chunk.add(byName.get(name), rows);
    this.#words.release();
    this.#groupRows += rows;
    this.#rows += rows;
    const bytes = this.#chunks.reduce((sum, [, chunk]) => sum + chunk.bytes, 0);
    if (this.#groupRows >= GROUP_ROWS || bytes >= GROUP_BYTES) this.#endGroup();
  }

  /** Ends the file. */
  end(): void {
    this.#endGroup();
    writeFooter(this.#table.columns, this.#groups, this.#room());
  }

  /** The bytes that came to the file since the last call, valid until the next `add` or `end`. */
  take(): Uint8Array {
    if (this.#isTaken) this.#room();
    this.#isTaken = true;
    return this.#out.written;
  }

  #endGroup(): void {
    if (this.#groupRows === 0) return;
    const out = this.#room();
    if (this.#groups.length === 0) out.append(magic);
    const start = out.length;
    const chunks = this.#chunks.map(([, chunk]) => chunk.finish(out));
    this.#words.cut(0);
    this.#groups.push({ rows: this.#groupRows, at: this.#at, bytes: out.length - start, chunks });
    this.#groupRows = 0;
  }

  /** The bytes that were not taken yet, for more to be appended. */
  #room(): ByteBuffer {
    if (this.#isTaken) {
      this.#at += this.#out.length;
      this.#out.clear();
      this.#isTaken = false;
    }
    return this.#out;
  }
}
