/** Reads a file that a person gave as a database, whole. */
import { readFile } from 'node:fs/promises';
import { SondeError } from '../kit/errors.ts';

/** @throws SondeError SONDE_DATABASE_INVALID */
export const readDatabaseFile = async (file: string): Promise<Buffer> => {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new SondeError('SONDE_DATABASE_INVALID', 'the file cannot be read', { file }, 'check the path', cause);
  }
};
