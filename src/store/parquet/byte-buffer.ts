/** Bytes that grow at the end. */

/** Room is doubled when it ends; `clear` keeps it, so that a buffer that is used again and again stops growing. */
export class ByteBuffer {
  /** Only the first `length` count. Another array after every `reserve`. */
  bytes: Uint8Array = new Uint8Array(64);
  /** The same bytes, for words of several. */
  view = new DataView(this.bytes.buffer);
  length = 0;

  /** Makes room for `count` more bytes, and gives the array to write them to, from `length` on. */
  reserve(count: number): Uint8Array {
    const needed = this.length + count;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return this.bytes;
  }

  byte(value: number): void {
    this.reserve(1)[this.length++] = value;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A whole number from 0 to 2^53 in groups of 7 bits, the least first (ULEB128). */
  varint(value: number): void {
    const bytes = this.reserve(8);
    let rest = value;
    while (rest >= 128) {
      bytes[this.length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    bytes[this.length++] = rest;
  }

  /** A whole number within 2^52 of 0; small ones of either sign become small. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** What was written; not a copy. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}
