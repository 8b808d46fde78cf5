/** Standard input put aside, so that it can be read twice: once for what identifies it, once for what it holds. */
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Spool {
  /** All bytes from the first one on; may be called again. */
  readonly read: () => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

/**
 * Copies a stream into a file that has no name any more when the copy begins: what it holds is raw, and must not stay
 * behind if the process is killed.
 */
export const spool = async (input: AsyncIterable<Uint8Array>): Promise<Spool> => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-'));
  const file = await open(join(folder, 'stdin'), 'wx+', 0o600);
  await rm(folder, { recursive: true });
  try {
    for await (const chunk of input) await file.write(chunk);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    read: () => createReadStream('', { fd: file, start: 0, autoClose: false, highWaterMark: 1 << 20 }),
    close: () => file.close(),
  };
};
