/** A source of bytes that counts them and feeds them to digests on their way. */
import type { ByteSource } from './byte-source.ts';

/** Something that takes bytes in their order, such as a hash. */
export interface Digest {
  /** The bytes may be overwritten afterwards. */
  update(bytes: Uint8Array): unknown;
}

export class CountedSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #digests: readonly Digest[];
  bytesRead = 0;

  constructor(source: ByteSource, digests: readonly Digest[]) {
    this.#source = source;
    this.#digests = digests;
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
    if (count > 0) for (const digest of this.#digests) digest.update(into.subarray(from, from + count));
    return count;
  }
}
