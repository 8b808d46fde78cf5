/** What an import is known by: what it reads, and the options that shape its rows. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { SondeError } from '../kit/errors.ts';
import { chunksOf } from '../kit/file-chunks.ts';
import type { PseudonymKey } from '../privacy/key.ts';
import { ContentDigest } from './content-digest.ts';

type Input = string | AsyncIterable<Uint8Array>;

/** More than the headers of a file and some packets with their times. */
const MARK_BYTES = 1 << 16;

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    yield* chunksOf(file);
  } finally {
    await file.close();
  }
}

/** Has the input read until `take` has enough. Throws SONDE_INPUT_UNREADABLE. */
const readUntil = async (input: Input, take: (chunk: Uint8Array) => boolean): Promise<void> => {
  try {
    for await (const chunk of typeof input === 'string' ? bytesOf(input) : input) if (take(chunk)) return;
  } catch (error) {
    const file = typeof input === 'string' ? input : '-';
    const message = `cannot be read: ${(error as Error).message}`;
    throw new SondeError('SONDE_INPUT_UNREADABLE', message, { file }, 'check path and permissions', error);
  }
};

/**
 * What tells nearly all inputs apart without reading them to their ends: their size and first 64 KiB, as 64 hexadecimal
 * characters. Inputs with one mark may still differ. Throws SONDE_INPUT_UNREADABLE.
 */
export const markOf = async (input: Input, byteCount: number): Promise<string> => {
  const hash = createHash('sha256').update(`${byteCount} `);
  let left = MARK_BYTES;
  await readUntil(input, (chunk) => {
    hash.update(chunk.subarray(0, left));
    left -= chunk.length;
    return left <= 0;
  });
  return hash.digest('hex');
};

/** The first bytes of an input. Throws SONDE_INPUT_UNREADABLE. */
export const beginningOf = async (input: Input, byteCount: number): Promise<Uint8Array> => {
  let beginning = Buffer.alloc(0);
  await readUntil(input, (chunk) => {
    beginning = Buffer.concat([beginning, chunk.subarray(0, byteCount - beginning.length)]);
    return beginning.length === byteCount;
  });
  return beginning;
};

/** The `ContentDigest` of an input. Throws SONDE_INPUT_UNREADABLE. */
export const contentOf = async (input: Input, key: PseudonymKey): Promise<string> => {
  const digest = new ContentDigest(key);
  await readUntil(input, (chunk) => {
    digest.update(chunk);
    return false;
  });
  return digest.digest();
};

/** 16 hexadecimal characters of a hash over what is read, by mark or content, and options. */
export const importId = (read: string, options: Readonly<Record<string, string | number | boolean>>): string => {
  const sorted = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([read, sorted]))
    .digest('hex')
    .slice(0, 16);
};
