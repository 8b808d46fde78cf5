/** `sonde.json`: makes a folder a store, and binds it to the key of its pseudonyms. Written once. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import { systemCode, writeOnce } from './delta/write-once.ts';
import { writeFailed } from './store-errors.ts';

/** The format that this program writes; a higher one needs a newer program. */
const storeFormat = 1;
const fileName = 'sonde.json';

interface StoreFile {
  readonly format: number;
  readonly key_fingerprint: string;
}

const unreadable = (message: string, path: string, hint: string, cause?: unknown): SondeError =>
  new SondeError('SONDE_STORE_UNREADABLE', message, { path }, hint, cause);

const parseStoreFile = (text: string, path: string): StoreFile => {
  let file: Partial<StoreFile> | undefined;
  try {
    file = JSON.parse(text) as Partial<StoreFile>;
  } catch {
    file = undefined;
  }
  if (typeof file?.format !== 'number' || typeof file.key_fingerprint !== 'string')
    throw new SondeError(
      'SONDE_STORE_CORRUPT',
      `${fileName} is not what was written`,
      { path },
      'restore it from a copy of the store',
    );
  if (file.format > storeFormat)
    throw unreadable(
      `the store has format ${file.format}, this program knows ${storeFormat}`,
      path,
      'use a newer Sonde',
    );
  return { format: file.format, key_fingerprint: file.key_fingerprint };
};

const readFileOf = async (database: string): Promise<StoreFile | undefined> => {
  const path = join(database, fileName);
  try {
    return parseStoreFile(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof SondeError) throw error;
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unreadable('cannot open the store', database, 'check the path', error);
  }
};

/**
 * Reads a store's file; undefined if there is no store yet: the folder is missing or empty.
 *
 * @throws SONDE_STORE_UNREADABLE for a folder that holds something else, SONDE_STORE_CORRUPT
 */
export const readStoreFile = async (database: string): Promise<StoreFile | undefined> => {
  // The engine would take these for patterns.
  if (/[*?[]/.test(database))
    throw unreadable('the path of a store may not hold * ? or [', database, 'rename the folder');
  const file = await readFileOf(database);
  if (file !== undefined) return file;
  const folder = await stat(database).catch(() => undefined);
  const names = folder === undefined ? [] : await readdir(database);
  if (!names.some((name) => !name.startsWith('.'))) return undefined;
  // Another process may have begun the store since the first look.
  const begun = await readFileOf(database);
  if (begun === undefined)
    throw unreadable('the folder is not a store: it holds other files', database, 'name an empty folder or a store');
  return begun;
};

/**
 * Makes the folder a store of this key if it is none.
 *
 * @throws SONDE_KEY_MISMATCH if it belongs to another key
 */
export const bindStoreFile = async (database: string, fingerprint: string): Promise<void> => {
  const path = join(database, fileName);
  const own: StoreFile = { format: storeFormat, key_fingerprint: fingerprint };
  let file = await readStoreFile(database);
  if (file === undefined) {
    await writeOnce(path, `${JSON.stringify(own)}\n`).catch((error: unknown) => {
      throw writeFailed(error, { file: path });
    });
    // Read, for another process may have been first.
    file = await readStoreFile(database);
  }
  if (file?.key_fingerprint !== fingerprint)
    throw new SondeError(
      'SONDE_KEY_MISMATCH',
      'the store was written with another key: pseudonyms of the two would not match',
      { path, store: file?.key_fingerprint ?? '', key: fingerprint },
      'use the key that the store was begun with, or begin another store',
    );
};
