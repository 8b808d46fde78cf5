/** A segment that is being written: a file under a temporary name until it is whole and on the disk. */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealedBatch } from '../../tickets/batch.ts';
import type { Table } from '../../tickets/column.ts';
import type { PageRoom } from '../parquet/page-room.ts';
import { ParquetFile } from '../parquet/parquet-file.ts';
import { writeFailed } from '../store-errors.ts';
import { HourCounter } from './hour-counts.ts';
import { clocks, type WrittenSegment } from './segment.ts';
import { makeFolder } from './write-once.ts';

/** Nothing of it shows, and its file is gone, after any method has failed. */
export class OpenSegment {
  readonly #table: Table;
  readonly #folder: string;
  readonly #name = `${randomUUID()}.parquet`;
  readonly #aside: string;
  readonly #content: ParquetFile;
  readonly #hash = createHash('sha256');
  readonly #times: Record<string, readonly [least: number, greatest: number]> = {};
  readonly #hours = new HourCounter();
  #file: FileHandle | undefined;
  #bytes = 0;

  /** @param folder of the table */
  constructor(table: Table, folder: string, room: PageRoom) {
    this.#table = table;
    this.#folder = folder;
    // Names that begin with a dot are ignored by readers of Delta tables.
    this.#aside = join(folder, `.${this.#name}.tmp`);
    this.#content = new ParquetFile(table, room);
  }

  /** Bytes in the file so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the rows of a batch. @throws SONDE_STORE_WRITE_FAILED */
  async add(batch: SealedBatch): Promise<void> {
    this.#content.add(batch);
    this.#noteTimes(batch);
    await this.#guard(() => this.#write());
  }

  /** Puts the segment in its place. @throws SONDE_STORE_WRITE_FAILED */
  finish(): Promise<WrittenSegment> {
    return this.#guard(async () => {
      this.#content.end();
      await this.#write();
      await this.#file!.sync();
      await this.#close();
      await rename(this.#aside, join(this.#folder, this.#name));
      return {
        table: this.#table.name,
        file: this.#name,
        bytes: this.#bytes,
        rows: this.#content.rows,
        sha256: this.#hash.digest('hex'),
        columns: Object.keys(this.#table.columns).length,
        times: this.#times,
        hours: this.#hours.end(),
      };
    });
  }

  /** Removes the file. */
  async abandon(): Promise<void> {
    await this.#close().catch(() => undefined);
    await rm(this.#aside, { force: true }).catch(() => undefined);
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.abandon();
      throw writeFailed(error, { file: join(this.#folder, this.#name) });
    }
  }

  async #write(): Promise<void> {
    const bytes = this.#content.take();
    if (bytes.length === 0) return;
    if (this.#file === undefined) {
      await makeFolder(this.#folder);
      this.#file = await open(this.#aside, 'wx');
    }
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    await this.#file.writeFile(bytes);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #noteTimes({ columns, rows }: SealedBatch): void {
    const reportedAt = columns.find(({ name }) => name === 'reported_at')?.values;
    if (reportedAt !== undefined) for (let row = 0; row < rows; row++) this.#hours.add(reportedAt[row]!);
    for (const name of clocks(this.#table)) {
      const values = columns.find((column) => column.name === name)?.values;
      if (values === undefined) continue;
      let [least, greatest] = this.#times[name] ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let row = 0; row < rows; row++) {
        const at = values[row]!;
        if (at < least) least = at;
        if (at > greatest) greatest = at;
      }
      if (least <= greatest) this.#times[name] = [least, greatest];
    }
  }
}
