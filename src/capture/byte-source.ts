/** Where the bytes of a capture come from: a file, a pipe, or chunks that a decompressor yields. */
import { createReadStream, readSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { SondeError } from '../kit/errors.ts';

/** Something that bytes can be read from, at once or later. */
export interface Readable {
  /** Fills `into` from index `from` on with at least one byte; returns how many, 0 at the end. */
  read(into: Uint8Array, from: number): number | Promise<number>;
}

export interface ByteSource extends Readable {
  /** Bytes that the source will have given at its end; undefined where nobody knows. */
  readonly totalBytes: number | undefined;
  close(): Promise<void>;
}

/** A source of chunks, each of which is copied out before the next one is asked for. */
export const chunkSource = (chunks: AsyncIterable<Uint8Array>): ByteSource => {
  const iterator = chunks[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  return {
    totalBytes: undefined,
    async read(into, from) {
      while (chunk.length === 0) {
        const { done, value } = await iterator.next();
        if (done === true) return 0;
        chunk = value;
      }
      const count = Math.min(chunk.length, into.length - from);
      into.set(chunk.subarray(0, count), from);
      chunk = chunk.subarray(count);
      return count;
    },
    async close() {
      await iterator.return?.();
    },
  };
};

const unreadable = (file: string, cause: unknown): SondeError => {
  const why = cause instanceof Error ? cause.message : String(cause);
  return (cause as NodeJS.ErrnoException).code === 'ENOENT'
    ? new SondeError('SONDE_INPUT_NOT_FOUND', 'no such file', { file }, 'check the path', cause)
    : new SondeError('SONDE_INPUT_UNREADABLE', `cannot be read: ${why}`, { file }, 'check its permissions', cause);
};

async function* guarded(file: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** A file on disk is read synchronously: the fast path has no promise per read. */
const fileSource = async (path: string): Promise<ByteSource> => {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  return {
    totalBytes: size,
    read(into, from) {
      try {
        return readSync(handle.fd, into, from, into.length - from, null);
      } catch (error) {
        throw unreadable(path, error);
      }
    },
    close: () => handle.close(),
  };
};

/**
 * Opens a path, `-` for standard input, or takes chunks as they come (the output of a child process).
 *
 * Pipes and devices are read as streams, because opening or reading one synchronously would stop the whole process.
 * Throws SONDE_INPUT_NOT_FOUND or SONDE_INPUT_UNREADABLE, now or while reading.
 */
export const openSource = async (input: string | AsyncIterable<Uint8Array>): Promise<ByteSource> => {
  if (typeof input !== 'string') return chunkSource(guarded('(stream)', input));
  if (input === '-') return chunkSource(guarded('-', process.stdin));
  try {
    const status = await stat(input);
    if (status.isDirectory()) throw new Error('it is a folder');
    if (status.isFile()) return await fileSource(input);
    return chunkSource(guarded(input, createReadStream(input)));
  } catch (error) {
    throw unreadable(input, error);
  }
};
