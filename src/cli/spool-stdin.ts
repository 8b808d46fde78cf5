/** Standard input put aside, so that it can be read more than once: for what identifies it, and for what it holds. */
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import { chunksOf } from '../kit/file-chunks.ts';

export interface Spool {
  readonly byteCount: number;
  /** All bytes from the first one on; may be called again. */
  readonly read: () => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

const unwritable = (cause: unknown): SondeError =>
  new SondeError(
    'SONDE_OUTPUT_UNWRITABLE',
    `standard input cannot be put aside: ${(cause as Error).message}`,
    { folder: tmpdir() },
    'make room there, or name another folder by TMPDIR',
    cause,
  );

const openNameless = async (): Promise<FileHandle> => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-'));
  try {
    return await open(join(folder, 'stdin'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
};

/**
 * Copies a stream into a file that has no name any more when the copy begins: what it holds is raw, and must not stay
 * behind if the process is killed.
 *
 * @throws SONDE_OUTPUT_UNWRITABLE if the folder for temporary files has no room
 */
export const spool = async (input: AsyncIterable<Uint8Array>): Promise<Spool> => {
  const file = await openNameless().catch((error: unknown) => {
    throw unwritable(error);
  });
  const keep = (chunk: Uint8Array): Promise<void> =>
    // Unlike `write`, it does not stop half-way where the disk ends.
    file.appendFile(chunk).catch((error: unknown) => {
      throw unwritable(error);
    });
  try {
    for await (const chunk of input) await keep(chunk);
  } catch (error) {
    await file.close();
    throw error;
  }
  const { size } = await file.stat();
  return {
    byteCount: size,
    read: () => chunksOf(file),
    close: () => file.close(),
  };
};
