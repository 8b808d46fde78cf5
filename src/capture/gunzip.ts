/** Gzip (RFC 1952), one member or many, decompressed piece by piece by node:zlib. */
import { createGunzip } from 'node:zlib';
import { SondeError } from '../kit/errors.ts';
import type { Readable } from './byte-source.ts';

/** Small, since what a piece gives is lost where the same piece turns out corrupt. */
const PIECE_BYTES = 1 << 14;
/** A member's checksum and length (RFC 1952 2.3.1). */
const TRAILER_BYTES = 8;

/**
 * The decompressed bytes. Throws SONDE_COMPRESSION_BROKEN where they turn corrupt or break off, after having yielded what
 * was sound before.
 *
 * The stream is driven by hand: iterated over, it would throw away what it holds when it fails. While one piece is
 * consumed, zlib's thread works on the next.
 */
export async function* gunzip(source: Readable): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: 1 << 17 });
  let ready: Uint8Array[] = [];
  let failure: Error | undefined;
  let closed = false;
  let wake = (): void => {};
  stream.on('data', (chunk: Uint8Array) => ready.push(chunk));
  stream.on('error', (error) => {
    failure = error;
  });
  stream.on('close', () => {
    closed = true;
    wake();
  });
  const inflate = (piece: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      if (closed) resolve();
      else stream.write(piece, () => resolve());
    });
  const taken = (): Uint8Array[] => {
    const chunks = ready;
    ready = [];
    return chunks;
  };

  try {
    // The trailer is held back from the last piece, so that a wrong checksum costs none of the data before it.
    let held = new Uint8Array(0);
    let working = Promise.resolve();
    while (!closed) {
      const piece = new Uint8Array(TRAILER_BYTES + PIECE_BYTES);
      piece.set(held);
      const count = await source.read(piece, held.length);
      if (count === 0) break;
      const end = held.length + count;
      const cut = Math.max(0, end - TRAILER_BYTES);
      held = piece.slice(cut, end);
      await working;
      working = inflate(piece.subarray(0, cut));
      yield* taken();
    }
    await working;
    await inflate(held);
    if (!closed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        stream.end();
      });
    }
    yield* taken();
    if (failure !== undefined) {
      throw new SondeError('SONDE_COMPRESSION_BROKEN', `gzip data: ${failure.message}`, {}, '', failure);
    }
  } finally {
    stream.destroy();
  }
}
