/** One direction of an HTTP/1 connection: where its next message begins, whatever of the content between was captured (RFC 9112). */
import { lineEndOf } from '../packet/http-bytes.ts';
import { chunkSizeOf, MAX_CHUNK_LINE_BYTES } from '../packet/http-chunk.ts';
import { type HttpContent, MAX_HEAD_BYTES } from '../packet/http-head.ts';
import { distance } from './sequence.ts';
import { type Segment, StreamPrefix } from './stream-prefix.ts';

/** Room for a head whose segments come in any order. */
const MAX_STREAM_BYTES = 2 * MAX_HEAD_BYTES;
/** Content is passed over in steps that sequence numbers can tell apart. */
const MAX_STEP = 2 ** 30;

const CR = 0x0d;
const LF = 0x0a;
const NEED_MORE = 0;
const NONE = -1;

/** What is due behind the content: a head, the line of a chunk, a line of a trailer, or nobody knows. */
type Due = 'head' | 'chunk' | 'trailer' | 'lost';

/** What reads the heads of a direction; it tells the stream by `follow` what comes behind. */
export interface HeadReader {
  /** Can a message begin so? */
  mayBegin(bytes: Uint8Array, start: number, end: number): boolean;
  /** Reads the head at `start`; its bytes, 0 if more are needed, which may not be if `final`, or -1 if there is none. */
  read(bytes: Uint8Array, start: number, end: number, final: boolean): number;
}

/** The payload of a segment: [start, end) of `bytes`. */
export interface Piece extends Segment {
  readonly start: number;
  readonly end: number;
  /** Its bytes on the wire; those beyond `end` were not captured. */
  readonly wireBytes: number;
}

export const toPiece = ({ sequence, bytes, at }: Segment): Piece => ({
  sequence,
  bytes,
  start: 0,
  end: bytes.length,
  wireBytes: bytes.length,
  at,
});

/**
 * One for each direction, begun anew for another connection when the one that it was of is over.
 * A segment that lies wholly before `nextAt` has nothing to tell: most of the content does.
 *
 * Where it cannot be followed (a gap, a head or chunk that was not captured) it goes on with the next segment that
 * begins with a head.
 */
export class HttpStream {
  /** Sequence number of the first byte that was not dealt with. */
  nextAt = 0;
  /** Bytes of content from there on, `Infinity` if it ends with the connection. */
  content = 0;
  due: Due = 'lost';
  /** May the content stay away (the client waits for leave to send it)? */
  optional = false;
  /** When the first byte of what is due passed, UTC microseconds. */
  beganAt = Number.NaN;
  /** Where following was lost since the reader last set this to NaN. */
  lostAt = Number.NaN;
  /** A part whose bytes have not all come. */
  #held: StreamPrefix | undefined;

  /** `isKnown`: a head begins at `nextAt`. */
  begin(nextAt: number, isKnown: boolean): void {
    this.nextAt = nextAt;
    this.content = 0;
    this.due = isKnown ? 'head' : 'lost';
    this.optional = false;
    this.beganAt = Number.NaN;
    this.lostAt = isKnown ? Number.NaN : nextAt;
    this.#held = undefined;
  }

  /** Bytes of memory for content. */
  get heldBytes(): number {
    return this.#held?.heldBytes ?? 0;
  }

  /** What comes behind the head that was read. */
  follow(content: HttpContent): void {
    this.due = content === 'chunked' ? 'chunk' : content === 'unknown' ? 'lost' : 'head';
    this.content = typeof content === 'number' ? content : 0;
  }

  /** Takes a segment that ends behind `nextAt`. */
  take(piece: Piece, reader: HeadReader): void {
    const { sequence, bytes, start, end, wireBytes } = piece;
    if (this.optional && this.content > 0 && sequence === this.nextAt) {
      this.optional = false;
      if (reader.mayBegin(bytes, start, end)) this.content = 0;
    }
    const wireEnd = (sequence + wireBytes) | 0;
    this.#passContent(wireEnd);
    if (distance(this.nextAt, wireEnd) <= 0) return;
    if (this.due === 'lost') {
      if (distance(this.nextAt, sequence) < 0 || !reader.mayBegin(bytes, start, end)) {
        this.nextAt = wireEnd;
        return;
      }
      this.nextAt = sequence;
      this.due = 'head';
    }
    const isCut = end - start < wireBytes;
    if (this.#held === undefined && distance(this.nextAt, sequence) <= 0) this.#readSegment(piece, isCut, reader);
    else this.#readHeld(piece, isCut, reader);
  }

  /** A head is due at `nextAt`, whatever was known before. */
  restart(nextAt: number): void {
    this.#held = undefined;
    this.content = 0;
    this.due = 'head';
    this.lostAt = Number.NaN;
    this.nextAt = nextAt;
  }

  /** What has not come will not: reads what there is, and goes on behind the gap. */
  skipGap(reader: HeadReader): void {
    if (this.#held === undefined || this.#drain(this.#held, true, this.beganAt, reader))
      this.#lose(this.nextAt, reader);
  }

  /** No more will come. */
  finish(reader: HeadReader): void {
    while (this.#held !== undefined) this.skipGap(reader);
  }

  /** Does `acknowledged`, a number that the other end sent, tell that bytes passed which were not seen and are missed? */
  isMissed(acknowledged: number): boolean {
    if (this.due === 'lost' || this.content >= MAX_STEP) return false;
    const seen = this.content > 0 ? this.content : (this.#held?.length ?? 0);
    return distance(this.nextAt + seen, acknowledged) > 0;
  }

  checkpoint() {
    const { nextAt, content, due, optional, beganAt, lostAt } = this;
    return { nextAt, content, due, optional, beganAt, lostAt, held: this.#held?.checkpoint() };
  }

  restore({ held, ...fields }: ReturnType<HttpStream['checkpoint']>): void {
    Object.assign(this, fields);
    this.#held = held && StreamPrefix.restored(held);
  }

  /** Goes over content up to `until`, and no further than that takes. */
  #passContent(until: number): void {
    while (this.content > 0 && distance(this.nextAt, until) > 0) {
      const step = Math.min(this.content, MAX_STEP);
      this.content -= step;
      this.nextAt = (this.nextAt + step) | 0;
      this.#held?.skip(step);
    }
  }

  /** Reads a segment that holds the byte at `nextAt`, or was cut before it. */
  #readSegment({ sequence, bytes, start, end, wireBytes, at }: Piece, isCut: boolean, reader: HeadReader): void {
    const wireEnd = (sequence + wireBytes) | 0;
    this.beganAt = at;
    let from = start + distance(sequence, this.nextAt);
    while (from < end) {
      const used = this.#readPart(bytes, from, end, isCut, reader);
      if (used === NEED_MORE) {
        this.#held = new StreamPrefix(this.nextAt, MAX_STREAM_BYTES);
        this.#held.add(this.nextAt, bytes, from, end, at);
        return;
      }
      if (used === NONE) {
        this.#lose(wireEnd, reader);
        return;
      }
      from += used;
      this.nextAt = (this.nextAt + used) | 0;
    }
    // What is due may begin in bytes that were not captured.
    if (this.due === 'lost' || (isCut && this.content < distance(this.nextAt, wireEnd))) this.#lose(wireEnd, reader);
  }

  /** Reads a segment together with what is held. */
  #readHeld(piece: Piece, isCut: boolean, reader: HeadReader): void {
    const { sequence, bytes, start, end, wireBytes, at } = piece;
    this.#held ??= new StreamPrefix(this.nextAt, MAX_STREAM_BYTES);
    const held = this.#held;
    if (held.length === 0) this.beganAt = at;
    const grew = held.add(sequence, bytes, start, end, at);
    const endsCut = isCut && ((this.nextAt + held.length) | 0) === ((sequence + end - start) | 0);
    if (grew && !this.#drain(held, endsCut, at, reader)) return;
    if (held.broken) {
      this.skipGap(reader);
      this.#takeAgain(piece, reader);
    } else if (endsCut && this.content < distance(this.nextAt, (sequence + wireBytes) | 0)) {
      this.#lose((sequence + wireBytes) | 0, reader);
    }
  }

  /** Takes a piece unless following went past it meanwhile. */
  #takeAgain(piece: Piece, reader: HeadReader): void {
    if (distance(this.nextAt, (piece.sequence + piece.wireBytes) | 0) > 0) this.take(piece, reader);
  }

  /** Reads what is contiguous, the first part as of `beganAt`, others as of `at`; false if following was lost meanwhile. */
  #drain(held: StreamPrefix, final: boolean, at: number, reader: HeadReader): boolean {
    while (held.length > 0) {
      const { bytes, length } = held;
      let from = 0;
      let used = NEED_MORE;
      while (from < length) {
        used = this.#readPart(bytes, from, length, final, reader);
        if (used <= 0) break;
        from += used;
        this.nextAt = (this.nextAt + used) | 0;
        this.beganAt = at;
      }
      held.skip(from);
      if (used === NONE || this.due === 'lost') {
        this.#lose((this.nextAt + held.length) | 0, reader);
        return false;
      }
      if (used === NEED_MORE) return true;
      // What waits may lie in the content, or behind it.
      if (!held.isEmpty) this.#passContent((this.nextAt + Math.min(this.content, MAX_STEP)) | 0);
    }
    if (held.isEmpty) this.#held = undefined;
    return true;
  }

  /** Deals with one part of the message in contiguous bytes that begin at `nextAt`: how many it took. */
  #readPart(bytes: Uint8Array, start: number, end: number, final: boolean, reader: HeadReader): number {
    if (this.content > 0) {
      const used = Math.min(this.content, end - start);
      this.content -= used;
      return used;
    }
    if (this.due === 'lost') return NONE;
    // Empty lines stand behind the data of a chunk, and stray ones before a request (RFC 9112 2.2).
    if (this.due !== 'trailer' && (bytes[start] === CR || bytes[start] === LF)) return 1;
    if (this.due === 'head') return reader.read(bytes, start, end, final);
    const lineEnd = lineEndOf(bytes, start, Math.min(end, start + MAX_CHUNK_LINE_BYTES));
    if (lineEnd < 0) return final || end - start >= MAX_CHUNK_LINE_BYTES ? NONE : NEED_MORE;
    if (this.due === 'chunk') {
      const size = chunkSizeOf(bytes, start, lineEnd);
      if (Number.isNaN(size)) return NONE;
      if (size === 0) this.due = 'trailer';
      this.content = size;
    } else if (bytes[start] === LF || bytes[start] === CR) this.due = 'head';
    return lineEnd - start;
  }

  /** What is due cannot be known: goes on with what waits from `nextAt` on, and then with what comes. */
  #lose(nextAt: number, reader: HeadReader): void {
    const waiting = this.#held?.waiting ?? [];
    this.#held = undefined;
    if (Number.isNaN(this.lostAt)) this.lostAt = this.nextAt;
    this.nextAt = nextAt;
    this.content = 0;
    this.due = 'lost';
    for (const segment of waiting) this.#takeAgain(toPiece(segment), reader);
  }
}
