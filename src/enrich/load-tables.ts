/** The compiled databases from the cache, or compiled and put there. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AddressTables } from './address-tables.ts';
import { compileTables, type DefaultData } from './default-data.ts';
import { decodeTables, encodeTables } from './tables-file.ts';

/** `$XDG_CACHE_HOME/sonde`, by default `~/.cache/sonde`. */
export const defaultCacheFolder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sonde');

/** Missing, unreadable and damaged are the same to a cache: it is compiled again. */
const readTables = (path: string): Promise<AddressTables | undefined> =>
  readFile(path).then(decodeTables, () => undefined);

/** Written aside and renamed, so that a reader finds all of it or nothing. A cache that cannot be written is done without. */
const writeTables = async (folder: string, path: string, tables: AddressTables): Promise<void> => {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(aside, encodeTables(tables), { flag: 'wx' });
    await rename(aside, path);
  } catch {
    await rm(aside, { force: true }).catch(() => {});
  }
};

/** @param folder where the cache is; a damaged file there is replaced */
export const loadTables = async (data: DefaultData, folder: string): Promise<AddressTables> => {
  const path = join(folder, `addresses-${data.fingerprint}.bin`);
  const cached = await readTables(path);
  if (cached !== undefined) return cached;
  const tables = await compileTables(data);
  await writeTables(folder, path, tables);
  return tables;
};
