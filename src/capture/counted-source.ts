/** A source of bytes that counts them and feeds them to a hash on their way. */
import type { Hash } from 'node:crypto';
import type { ByteSource } from './byte-source.ts';

export class CountedSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #hash: Hash | undefined;
  bytesRead = 0;

  constructor(source: ByteSource, hash: Hash | undefined) {
    this.#source = source;
    this.#hash = hash;
  }

  get totalBytes(): number | undefined {
    return this.#source.totalBytes;
  }

  read(into: Uint8Array, from: number): number | Promise<number> {
    const count = this.#source.read(into, from);
    if (typeof count === 'number') return this.#count(into, from, count);
    return count.then((late) => this.#count(into, from, late));
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  #count(into: Uint8Array, from: number, count: number): number {
    this.bytesRead += count;
    this.#hash?.update(into.subarray(from, from + count));
    return count;
  }
}
