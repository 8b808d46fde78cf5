/** What an import is known by: its content, and the options that shape its rows. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { SondeError } from '../kit/errors.ts';

/** What identifies the bytes of inputs, one after the other. */
export interface Content {
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
  readonly byteCount: number;
}

/** Reads the inputs to their ends. Throws SONDE_INPUT_UNREADABLE. */
export const hashContent = async (inputs: readonly (string | AsyncIterable<Uint8Array>)[]): Promise<Content> => {
  const hash = createHash('sha256');
  let byteCount = 0;
  for (const input of inputs) {
    const chunks = typeof input === 'string' ? createReadStream(input, { highWaterMark: 1 << 20 }) : input;
    try {
      for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
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
