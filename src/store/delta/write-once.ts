/** Files that exist wholly or not at all, and that only one of many writers gets to write. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The code of a failed system call, e.g. 'ENOENT'; undefined for any other error. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const withFile = async <T>(path: string, flags: string, use: (file: FileHandle) => Promise<T>): Promise<T> => {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
};

/** Puts a file's bytes, or a folder's names, onto the disk: what was renamed or linked before survives a power cut. */
export const sync = (path: string): Promise<void> => withFile(path, 'r', (file) => file.sync());

/** Makes a folder and those above it that are missing, so that their names survive a power cut. */
export const makeFolder = async (path: string): Promise<void> => {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await sync(dirname(made));
};

/**
 * Creates `path` with `text`, unless it exists: then it is left alone and the answer is false.
 *
 * The text is written aside, synced, and put in place by `link`, which, unlike rename, fails if the name is taken. A
 * reader sees all of it or nothing. When this returns true, the file survives a power cut. Names that begin with a dot
 * are ignored by readers of Delta tables.
 *
 * @throws the system's error if the disk is full, or the file system knows no links
 */
export const writeOnce = async (path: string, text: string): Promise<boolean> => {
  const folder = dirname(path);
  await makeFolder(folder);
  const aside = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await withFile(aside, 'wx', async (file) => {
      await file.writeFile(text);
      await file.sync();
    });
    await link(aside, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(aside).catch(() => undefined);
  }
  await sync(folder);
  return true;
};
