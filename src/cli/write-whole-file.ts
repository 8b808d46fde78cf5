/** A file that is there under its name when it is whole, and not before. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SondeError } from '../kit/errors.ts';

/**
 * Has a file written under another name beside `path`, puts it onto the disk, and then in its place; what was there goes.
 * Whatever fails leaves `path` as it was.
 *
 * @param fill gets the absolute name to write to, where nothing is yet
 * @throws what `fill` throws of SondeErrors, and SONDE_OUTPUT_UNWRITABLE for everything else
 */
export const writeWholeFile = async (path: string, fill: (aside: string) => Promise<void>): Promise<void> => {
  const target = resolve(path);
  const aside = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    await fill(aside);
    const file = await open(aside, 'r');
    await file.sync().finally(() => file.close());
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { force: true });
    if (error instanceof SondeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SondeError('SONDE_OUTPUT_UNWRITABLE', `cannot be written: ${reason}`, { file: path }, 'make room', error);
  }
};
