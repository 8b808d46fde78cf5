/** Builds messages of network formats: big-endian numbers, and lengths that are known only afterwards. */

/** Bytes that grow as they are written. */
export class ByteWriter {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  uint8(value: number): this {
    this.#bytes.push(value & 0xff);
    return this;
  }

  uint16(value: number): this {
    return this.uint8(value >> 8).uint8(value);
  }

  uint24(value: number): this {
    return this.uint8(value >> 16).uint16(value);
  }

  uint32(value: number): this {
    return this.uint16(value >>> 16).uint16(value);
  }

  bytes(values: Iterable<number>): this {
    for (const value of values) this.#bytes.push(value);
    return this;
  }

  /** One byte a character: for ASCII. */
  text(text: string): this {
    return this.bytes(Buffer.from(text, 'latin1'));
  }

  /** Writes `content` behind its length, a number of `width` bytes. */
  sized(width: 1 | 2 | 3, content: (writer: ByteWriter) => void): this {
    const inner = new ByteWriter();
    content(inner);
    if (width === 1) this.uint8(inner.length);
    else if (width === 2) this.uint16(inner.length);
    else this.uint24(inner.length);
    return this.bytes(inner.#bytes);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
