/** The contiguous start of one direction of a TCP connection, put together from segments in any order. */

/** Segments that wait for a gap to fill; more than these belong to a hostile or hopeless stream. */
const MAX_WAITING = 64;

/** Distance of sequence numbers modulo 2^32 (RFC 9293 3.4). */
const distance = (from: number, to: number): number => (to - from) | 0;

interface Segment {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

export class StreamPrefix {
  /** The first `length` bytes are the contiguous, unconsumed part. */
  bytes = new Uint8Array(2048);
  length = 0;
  /** Bytes were lost to the bounds: the stream cannot be followed further. */
  broken = false;
  #next: number;
  readonly #maxBytes: number;
  #waiting: Segment[] = [];

  /** `sequence`: of the first byte wanted. `maxBytes`: bound on contiguous bytes, and on those that wait. */
  constructor(sequence: number, maxBytes: number) {
    this.#next = sequence;
    this.#maxBytes = maxBytes;
  }

  /** Takes a segment. True if the contiguous part grew. */
  add(sequence: number, source: Uint8Array, start: number, end: number): boolean {
    const before = this.length;
    const ahead = distance(this.#next, sequence);
    if (ahead > 0) {
      this.#wait(sequence, source, start, end, ahead);
      return false;
    }
    this.#append(source, start - ahead, end);
    for (let grown = this.length > before; grown && this.#waiting.length > 0; ) {
      const at = this.#waiting.findIndex((segment) => distance(this.#next, segment.sequence) <= 0);
      if (at < 0) break;
      const [segment] = this.#waiting.splice(at, 1) as [Segment];
      this.#append(segment.bytes, -distance(this.#next, segment.sequence), segment.bytes.length);
      grown = true;
    }
    return this.length > before;
  }

  #wait(sequence: number, source: Uint8Array, start: number, end: number, ahead: number): void {
    if (ahead + end - start > this.#maxBytes || this.#waiting.length === MAX_WAITING) this.broken = true;
    else this.#waiting.push({ sequence, bytes: source.slice(start, end) });
  }

  #append(source: Uint8Array, start: number, end: number): void {
    if (start >= end) return;
    const wanted = this.length + end - start;
    if (wanted > this.#maxBytes) {
      this.broken = true;
      return;
    }
    if (wanted > this.bytes.length) {
      const grown = new Uint8Array(Math.max(wanted, 2 * this.bytes.length));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(source.subarray(start, end), this.length);
    this.length = wanted;
    this.#next = (this.#next + end - start) | 0;
  }

  /** Drops the first `count` bytes of the contiguous part. */
  consume(count: number): void {
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
  }
}
