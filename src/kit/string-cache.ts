/** The strings that bytes were made into lately: names come again and again, and a string made anew must be hashed anew. */

const SLOTS = 4096;
/** Longer texts are made each time. */
const MAX_BYTES = 64;

/**
 * A direct-mapped cache. The same bytes give the same string object, so that a Map finds what it holds under it without
 * reading it. What comes too seldom is pushed out; memory is fixed.
 */
export class StringCache {
  readonly #strings: string[] = new Array<string>(SLOTS).fill('');
  readonly #bytes = new Uint8Array(SLOTS * MAX_BYTES);

  /** The first `length` of `bytes` as text, each byte a character (Latin-1). */
  latin1(bytes: Buffer, length: number): string {
    if (length > MAX_BYTES) return bytes.toString('latin1', 0, length);
    let hash = length;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const from = slot * MAX_BYTES;
    const known = this.#strings[slot]!;
    if (known.length === length && this.#holds(from, bytes, length)) return known;
    const text = bytes.toString('latin1', 0, length);
    this.#strings[slot] = text;
    for (let i = 0; i < length; i++) this.#bytes[from + i] = bytes[i]!;
    return text;
  }

  #holds(from: number, bytes: Buffer, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.#bytes[from + i] !== bytes[i]) return false;
    return true;
  }
}
