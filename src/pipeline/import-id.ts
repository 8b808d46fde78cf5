/** What an import is known by: its content, and the options that shape its rows. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { SondeError } from '../kit/errors.ts';

/** What identifies the bytes of inputs, one after the other. */
export interface Content {
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
  readonly byteCount: number;
}

const CHUNK_BYTES = 1 << 20;

/** The bytes of a file, each chunk valid until the next: in one buffer, for a new one a chunk costs more than to hash it. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Reads the inputs to their ends. Throws SONDE_INPUT_UNREADABLE. */
export const hashContent = async (inputs: readonly (string | AsyncIterable<Uint8Array>)[]): Promise<Content> => {
  const hash = createHash('sha256');
  let byteCount = 0;
  for (const input of inputs) {
    try {
      for await (const chunk of typeof input === 'string' ? chunksOf(input) : input) {
        hash.update(chunk);
        byteCount += chunk.length;
      }
    } catch (error) {
      const file = typeof input === 'string' ? input : '-';
      throw new SondeError(
        'SONDE_INPUT_UNREADABLE',
        `cannot be read: ${(error as Error).message}`,
        { file },
        'check path and permissions',
        error,
      );
    }
  }
  return { sha256: hash.digest('hex'), byteCount };
};

/** 16 hexadecimal characters of a hash over content and options: the same bytes under the same options are one import. */
export const importId = (sha256: string, options: Readonly<Record<string, string | number | boolean>>): string => {
  const sorted = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([sha256, sorted]))
    .digest('hex')
    .slice(0, 16);
};
