/** The contiguous start of a stream, put together from segments in any order: of one direction of TCP, or of the CRYPTO frames of QUIC. */
import { distance } from './sequence.ts';

/** Pieces kept without any being consumed; more belong to a hostile or hopeless stream. Bounds the readings of a prefix. */
const MAX_PIECES = 128;

/** Payload of a segment, or of several that follow each other. */
export interface Segment {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** When it passed, UTC microseconds. */
  readonly at: number;
}

export class StreamPrefix {
  /** The first `length` bytes are the contiguous, unconsumed part. */
  bytes = new Uint8Array(0);
  length = 0;
  /** Bytes were lost to the bounds: the stream cannot be followed further. */
  broken = false;
  #next: number;
  readonly #maxBytes: number;
  #waiting: Segment[] = [];
  #waitingBytes = 0;
  #pieces = 0;

  /** `sequence`: of the first byte wanted. `maxBytes`: bound on contiguous bytes, and on those that wait. */
  constructor(sequence: number, maxBytes: number) {
    this.#next = sequence;
    this.#maxBytes = maxBytes;
  }

  /** Bytes of memory for content. */
  get heldBytes(): number {
    return this.bytes.length + this.#waitingBytes;
  }

  /** Sequence number of the first contiguous byte, or of the one that is missed. */
  get beginsAt(): number {
    return (this.#next - this.length) | 0;
  }

  /** Takes a segment, the bytes [start, end) of `source`, that passed `at`. True if the contiguous part grew. */
  add(sequence: number, source: Uint8Array, start: number, end: number, at = Number.NaN): boolean {
    const before = this.length;
    const ahead = distance(this.#next, sequence);
    if (this.broken || start - Math.min(ahead, 0) >= end) return false;
    if (this.#pieces === MAX_PIECES) {
      this.broken = true;
      return false;
    }
    this.#pieces++;
    if (ahead > 0) {
      this.#wait({ sequence, bytes: source.subarray(start, end), at }, ahead);
      return false;
    }
    this.#append(source, start - ahead, end);
    this.#appendReached();
    return this.length > before;
  }

  #appendReached(): void {
    for (let i = this.#indexOfReached(); i >= 0; i = this.#indexOfReached()) {
      const [{ sequence: from, bytes }] = this.#waiting.splice(i, 1) as [Segment];
      this.#waitingBytes -= bytes.length;
      this.#append(bytes, distance(from, this.#next), bytes.length);
    }
  }

  /** A segment that waits and begins in what is contiguous by now, or right behind it. */
  #indexOfReached(): number {
    return this.#waiting.findIndex(({ sequence }) => distance(this.#next, sequence) <= 0);
  }

  #wait({ sequence, bytes, at }: Segment, ahead: number): void {
    const count = bytes.length;
    if (ahead + count > this.#maxBytes || this.#waitingBytes + count > this.#maxBytes) this.broken = true;
    else {
      // A copy, for the bytes change once this call is over.
      this.#waiting.push({ sequence, bytes: new Uint8Array(bytes), at });
      this.#waitingBytes += count;
    }
  }

  /** Appends [start, end) of `source`, nothing if that is empty, and no more than the bound allows. */
  #append(source: Uint8Array, start: number, end: number): void {
    const room = this.#maxBytes - this.length;
    if (end - start > room) this.broken = true;
    const count = Math.min(end - start, room);
    if (count <= 0) return;
    const wanted = this.length + count;
    if (wanted > this.bytes.length) {
      const grown = new Uint8Array(Math.max(wanted, 2 * this.bytes.length));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(source.subarray(start, start + count), this.length);
    this.length = wanted;
    this.#next = (this.#next + count) | 0;
  }

  /** Goes `count` bytes on: over the contiguous part, and over bytes that have not come if it is shorter. */
  skip(count: number): void {
    if (count === 0) return;
    this.bytes.copyWithin(0, count, this.length);
    this.#next = (this.#next + Math.max(0, count - this.length)) | 0;
    this.length = Math.max(0, this.length - count);
    this.#appendReached();
    this.#pieces = this.#waiting.length;
  }

  /** Are there neither contiguous bytes nor any that wait? */
  get isEmpty(): boolean {
    return this.length === 0 && this.#waiting.length === 0;
  }

  /** The segments that wait behind a gap, in the order of the stream. */
  get waiting(): readonly Segment[] {
    return this.#waiting.toSorted((a, b) => distance(b.sequence, a.sequence));
  }

  checkpoint() {
    return {
      bytes: this.bytes.slice(),
      length: this.length,
      broken: this.broken,
      next: this.#next,
      maxBytes: this.#maxBytes,
      waiting: this.#waiting.slice(),
      pieces: this.#pieces,
    };
  }

  static restored(state: ReturnType<StreamPrefix['checkpoint']>): StreamPrefix {
    const stream = new StreamPrefix(state.next, state.maxBytes);
    stream.bytes = state.bytes;
    stream.length = state.length;
    stream.broken = state.broken;
    stream.#waiting = state.waiting;
    stream.#waitingBytes = state.waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
    stream.#pieces = state.pieces;
    return stream;
  }
}
