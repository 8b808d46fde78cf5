/** What lies on the disk under a folder, read without the store: the bytes of each file, the pages inside Parquet files, and their rows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { chunkSource } from '../src/capture/byte-source.ts';
import { unzstd } from '../src/capture/zstd/unzstd.ts';

/** Paths of all files below a folder; those that go away meanwhile are left out. */
export const filesBelow = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
    });
  } catch {
    return [];
  }
};

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The pages of a Parquet file without their compression: dictionaries and values, one after the other. */
export const pagesOf = async (path: string): Promise<Buffer> => {
  const file = readFileSync(path);
  const pages: Buffer[] = [];
  for (let at = file.indexOf(ZSTD_MAGIC); at >= 0; at = file.indexOf(ZSTD_MAGIC, at + 4)) {
    try {
      // Behind the frame stands the header of the next page, at which the decoder stops with an error.
      for await (const chunk of unzstd(chunkSource(once(file.subarray(at))))) pages.push(Buffer.from(chunk));
    } catch {}
  }
  return Buffer.concat(pages);
};

/** All rows of all columns of Parquet files of one table, by an engine that knows nothing of the store. */
export const parquetRows = async (paths: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  if (paths.length === 0) return [];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const list = paths.map((path) => `'${path}'`).join(', ');
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet([${list}])`);
    return reader.getRowObjectsJson() as Readonly<Record<string, unknown>>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
};
