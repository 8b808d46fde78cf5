/** What lies on the disk under a folder, read without the store: the bytes of each file, the pages inside Parquet files, and their rows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';

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

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b, 0x08]);

/** The compressed pages of a Parquet file without their compression, one after the other; others stand in the file as they are. */
export const pagesOf = (path: string): Buffer => {
  const file = readFileSync(path);
  const pages: Buffer[] = [];
  for (let at = file.indexOf(GZIP_MAGIC); at >= 0; at = file.indexOf(GZIP_MAGIC, at + 3)) {
    try {
      // What stands behind the page is passed over.
      pages.push(gunzipSync(file.subarray(at)));
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
