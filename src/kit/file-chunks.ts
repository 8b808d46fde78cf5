/** The bytes of an open file, from its first one on, in chunks. */
import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 1 << 20;

/** Each chunk is valid until the next: they share one buffer, for a new one would cost more than to read it. */
export async function* chunksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}
