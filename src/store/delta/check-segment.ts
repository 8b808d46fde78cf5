/** Is a segment still what was written? Checked once a process, for Parquet itself lets a flipped bit pass. */
import { createHash } from 'node:crypto';
import { access, open } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFailed } from '../store-errors.ts';
import type { Segment, WrittenSegment } from './segment.ts';
import { systemCode } from './write-once.ts';

const MAX_READ = 2 ** 20;

/** The SHA-256 of a file's bytes, in hex. */
export const hashFile = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    // Most segments are small: a buffer of a MB for each would have the collector run after every few.
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min((await file.stat()).size, MAX_READ)));
    for (;;) {
      const { bytesRead } = await file.read(buffer);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
};

// Segments never change and their names are never used again, so that one look is enough.
const sound = new Set<string>();

/**
 * Why the segment at `path` cannot be used; undefined if it can. One without a hash is believed.
 *
 * @param isAnew look also if this process did so before
 */
export const checkSegment = async (
  path: string,
  { sha256 }: Pick<Segment, 'sha256'>,
  isAnew = false,
): Promise<string | undefined> => {
  if (isAnew) sound.delete(path);
  if (sound.has(path)) return undefined;
  try {
    const found = await hashFile(path);
    if (sha256 !== undefined && found !== sha256) return 'its bytes are not those that were written';
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? 'the file is missing' : `it cannot be read: ${String(error)}`;
  }
  sound.add(path);
  return undefined;
};

/**
 * Are segments still there that a commit is about to name?
 *
 * @throws SONDE_STORE_WRITE_FAILED if one was taken for a left-over of a killed import
 */
export const requireSegments = async (folder: string, segments: readonly WrittenSegment[]): Promise<void> => {
  for (const { file } of segments) {
    const path = join(folder, file);
    await access(path).catch((error: unknown) => {
      throw writeFailed(error, { file: path });
    });
  }
};
