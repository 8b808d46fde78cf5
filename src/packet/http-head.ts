/** The head of an HTTP/1 message, its start line and fields, and what they say of the content behind it (RFC 9112 sections 2, 5 and 6). */
import type { Interner } from '../kit/interner.ts';
import { lowerOf } from './ascii.ts';
import { decimalOf, findByte, isBlank, lineEndOf, skipSpace, trimmedEnd } from './http-bytes.ts';
import { internUtf8, toLatin1, toUtf8 } from './utf8-text.ts';

/** Bytes of a head beyond which nobody waits for the rest. */
export const MAX_HEAD_BYTES = 16_384;

/** The content of a message: so many bytes (`Infinity`: until the connection closes), chunks, or what cannot be told. */
export type HttpContent = number | 'chunked' | 'unknown';

/** The fields that are read, by the lengths of their names, which tell them apart. */
export const HttpField = {
  HOST: 4,
  EXPECT: 6,
  USER_AGENT: 10,
  CONTENT_TYPE: 12,
  CONTENT_LENGTH: 14,
  TRANSFER_ENCODING: 17,
} as const;

type Field = (typeof HttpField)[keyof typeof HttpField];

const MAX_NAME_BYTES = HttpField.TRANSFER_ENCODING;

/** By length. */
const names: Buffer[] = [];
for (const name of ['host', 'expect', 'user-agent', 'content-type', 'content-length', 'transfer-encoding']) {
  names[name.length] = Buffer.from(name);
}

export const NEED_MORE = { kind: 'need-more' } as const;
export const NOT_HTTP = { kind: 'not-http' } as const;

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

/** Are the bytes from `start` on `name`, which is in lower case, in any case? */
const isName = (bytes: Uint8Array, start: number, name: Buffer): boolean => {
  for (let i = 0; i < name.length; i++) if (lowerOf(bytes[start + i]!) !== name[i]) return false;
  return true;
};

/** Folds become spaces (RFC 9112 5.2). */
const unfold = (text: string): string => (text.includes('\n') ? text.replace(/\r?\n[ \t]+/g, ' ') : text);

/** What `decodeHttpHead` found, until its next call: fields are places in the bytes that were passed. */
export class HttpHead {
  readonly kind = 'head';
  /** What the start line says. */
  start = 0;
  /** Bytes from the first of the message to the first after its head. */
  headBytes = 0;
  /** False if the head was cut, and only its whole lines are told. */
  complete = false;
  /** Are there several fields Content-Length that do not say the same? */
  lengthsDiffer = false;
  #bytes: Uint8Array = new Uint8Array(0);
  /** By field: the value without the space around it; 0 if the field is not there. */
  readonly #starts = new Int32Array(MAX_NAME_BYTES + 1);
  readonly #ends = new Int32Array(MAX_NAME_BYTES + 1);

  /** Reads the whole lines of fields from `at` on; the first byte behind them. */
  readFields(bytes: Uint8Array, at: number, end: number): number {
    this.complete = false;
    this.lengthsDiffer = false;
    this.#bytes = bytes;
    this.#starts.fill(0);
    this.#ends.fill(0);
    while (!this.complete) {
      const lineEnd = lineEndOf(bytes, at, end);
      if (lineEnd < 0) return at;
      this.complete = bytes[at] === LF || (bytes[at] === CR && lineEnd === at + 2);
      const next = this.complete ? lineEnd : foldedEndOf(bytes, lineEnd, end);
      if (!this.complete) this.#readField(at, next);
      at = next;
    }
    return at;
  }

  #readField(at: number, end: number): void {
    const bytes = this.#bytes;
    const colon = findByte(bytes, COLON, at, end);
    if (colon === end) return;
    const nameAt = skipSpace(bytes, at, colon);
    const field = trimmedEnd(bytes, nameAt, colon) - nameAt;
    const name = names[field];
    if (name === undefined || !isName(bytes, nameAt, name)) return;
    const valueAt = skipSpace(bytes, colon + 1, end);
    const valueEnd = trimmedEnd(bytes, valueAt, end);
    const isRepeated = this.#starts[field]! > 0;
    if (isRepeated && field === HttpField.CONTENT_LENGTH) {
      this.lengthsDiffer ||= unfold(toLatin1(bytes, valueAt, valueEnd)) !== this.latin1(field);
    }
    // The first of several fields counts, but for the coding, which is the one applied last.
    if (isRepeated && field !== HttpField.TRANSFER_ENCODING) return;
    this.#starts[field] = valueAt;
    this.#ends[field] = valueEnd;
  }

  has(field: Field): boolean {
    return this.#starts[field]! > 0;
  }

  /** The value is [`startOf`, `endOf`), nothing if there is none. */
  startOf(field: Field): number {
    return this.#starts[field]!;
  }

  endOf(field: Field): number {
    return this.#ends[field]!;
  }

  bytesOf(field: Field): number {
    return this.endOf(field) - this.startOf(field);
  }

  /** The value unfolded, each character a byte; '' if there is none. */
  latin1(field: Field): string {
    return unfold(toLatin1(this.#bytes, this.startOf(field), this.endOf(field)));
  }

  /** The interner code of the value, of which only what stands before `end` is wanted, unfolded; 0, of '', if there is none. */
  intern(field: Field, interner: Interner, end = this.endOf(field), lower = false): number {
    const bytes = this.#bytes;
    const start = this.startOf(field);
    if (findByte(bytes, LF, start, end) === end) return internUtf8(bytes, start, end, interner, lower);
    const text = Buffer.from(unfold(toUtf8(bytes, start, end)));
    return internUtf8(text, 0, text.length, interner, lower);
  }
}

/** The end of the field whose first line ends at `end`: folded lines begin with a blank (RFC 9112 5.2). */
const foldedEndOf = (bytes: Uint8Array, lineEnd: number, end: number): number => {
  while (lineEnd < end && isBlank(bytes[lineEnd]!)) {
    const next = lineEndOf(bytes, lineEnd, end);
    if (next < 0) break;
    lineEnd = next;
  }
  return lineEnd;
};

const found = new HttpHead();

/**
 * Decodes the head of a message that begins at `start`; [start, end) is the part of the stream known so far.
 *
 * Lines may end in a bare LF and fields may be folded. On 'need-more' call again with a longer part: it never comes for
 * `MAX_HEAD_BYTES` or more, nor when `final`. A head that is not whole by then is told as far as its whole lines go.
 *
 * @param final no more bytes will come
 * @param readStart what the start line [start, end), its line end included, says; a negative number refuses the message as 'not-http'
 */
export const decodeHttpHead = (
  bytes: Uint8Array,
  start: number,
  end: number,
  final: boolean,
  readStart: (bytes: Uint8Array, start: number, end: number) => number,
): HttpHead | typeof NEED_MORE | typeof NOT_HTTP => {
  const known = Math.min(end, start + MAX_HEAD_BYTES);
  const isLast = final || known === start + MAX_HEAD_BYTES;
  const lineEnd = lineEndOf(bytes, start, known);
  if (lineEnd < 0) return isLast ? NOT_HTTP : NEED_MORE;
  found.start = readStart(bytes, start, lineEnd);
  if (found.start < 0) return NOT_HTTP;
  found.headBytes = found.readFields(bytes, lineEnd, known) - start;
  return found.complete || isLast ? found : NEED_MORE;
};

/** Content-Length (RFC 9110 8.6), which may be repeated if all say the same; NaN if there is none, or none that can be. */
export const contentLengthOf = (bytes: Uint8Array, head: HttpHead): number => {
  if (!head.has(HttpField.CONTENT_LENGTH) || head.lengthsDiffer) return Number.NaN;
  const length = decimalOf(bytes, head.startOf(HttpField.CONTENT_LENGTH), head.endOf(HttpField.CONTENT_LENGTH));
  if (!Number.isNaN(length)) return length;
  // A list of equal values is one that a proxy joined.
  const repeated = /^(\d{1,15})(?:\s*,\s*\1)*$/.exec(head.latin1(HttpField.CONTENT_LENGTH))?.[1];
  return repeated === undefined ? Number.NaN : Number(repeated);
};

/** What follows a head, as far as its fields tell (RFC 9112 6.3); `otherwise` where they say nothing. */
export const contentOf = (head: HttpHead, contentLength: number, otherwise: number): HttpContent => {
  if (!head.complete) return 'unknown';
  if (!head.has(HttpField.TRANSFER_ENCODING)) {
    if (!head.has(HttpField.CONTENT_LENGTH)) return otherwise;
    return Number.isNaN(contentLength) ? 'unknown' : contentLength;
  }
  if (/(?:^|,)\s*chunked$/i.test(head.latin1(HttpField.TRANSFER_ENCODING))) return 'chunked';
  // Without chunks only the end of the connection ends a coding, and a client needs an answer behind it.
  return otherwise === Number.POSITIVE_INFINITY ? otherwise : 'unknown';
};
