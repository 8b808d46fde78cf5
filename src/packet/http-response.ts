/** The head of an HTTP/1 response (RFC 9112 section 4), and what follows it. */
import type { Interner } from '../kit/interner.ts';
import { beginsLike, decimalOf, findByte, isBlank, isDigit, trimmedEnd } from './http-bytes.ts';
import {
  contentLengthOf,
  contentOf,
  decodeHttpHead,
  type HttpContent,
  HttpField,
  type HttpHead,
  type NEED_MORE,
  NOT_HTTP,
} from './http-head.ts';

export interface HttpResponse {
  readonly kind: 'response';
  readonly status: number;
  /** Interner code of the media type, lower case, without parameters; 0 if none is told. */
  readonly contentType: number;
  /** The field Content-Length, NaN without one: of HEAD and 304 the length of what is not sent. */
  readonly contentLength: number;
  /** What follows, if the request and the status allow content: `contentAfter` judges that. */
  readonly content: HttpContent;
  /** Bytes from the first of the response to the first after its head. */
  readonly headBytes: number;
  /** False if the head was cut, and only its whole lines are told. */
  readonly complete: boolean;
}

export type HttpResponseResult = HttpResponse | typeof NEED_MORE | typeof NOT_HTTP;

const BEGIN = 'HTTP/1.';

/** Can a stream that begins so be an HTTP/1 response? */
export const mayBeHttpResponse = (bytes: Uint8Array, start: number, end: number): boolean =>
  start < end && beginsLike(bytes, start, end, BEGIN);

/** The status in the status line [start, end); -1 if the line is none. */
const statusOf = (bytes: Uint8Array, start: number, end: number): number => {
  const lineEnd = trimmedEnd(bytes, start, end);
  const versionEnd = start + BEGIN.length + 1;
  let at = versionEnd;
  while (at < lineEnd && isBlank(bytes[at]!)) at++;
  const hasSpace = at > versionEnd && isDigit(bytes[versionEnd - 1]!);
  const isEnded = at + 3 === lineEnd || (at + 3 < lineEnd && isBlank(bytes[at + 3]!));
  const status = hasSpace && isEnded ? decimalOf(bytes, at, at + 3) : Number.NaN;
  return Number.isNaN(status) ? -1 : status;
};

const SEMICOLON = 0x3b;

/** The media type in the field Content-Type, without its parameters. */
const internMediaType = (bytes: Uint8Array, head: HttpHead, interner: Interner): number => {
  const start = head.startOf(HttpField.CONTENT_TYPE);
  const end = findByte(bytes, SEMICOLON, start, head.endOf(HttpField.CONTENT_TYPE));
  return head.intern(HttpField.CONTENT_TYPE, interner, trimmedEnd(bytes, start, end), true);
};

/** Decodes the head of a response that begins at `start`; arguments and results as of `decodeHttpRequest`. */
export const decodeHttpResponse = (
  bytes: Uint8Array,
  start: number,
  end: number,
  interner: Interner,
  { final = false }: { readonly final?: boolean } = {},
): HttpResponseResult => {
  if (!beginsLike(bytes, start, end, BEGIN)) return NOT_HTTP;
  const head = decodeHttpHead(bytes, start, end, final, statusOf);
  if (head.kind !== 'head') return head;
  const contentLength = contentLengthOf(bytes, head);
  return {
    kind: 'response',
    status: head.start,
    contentType: internMediaType(bytes, head, interner),
    contentLength,
    content: contentOf(head, contentLength, Number.POSITIVE_INFINITY),
    headBytes: head.headBytes,
    complete: head.complete,
  };
};

/** Is the response one on the way, before the one that answers (RFC 9110 15.2)? 101 answers: it ends HTTP on the connection. */
export const isInterim = ({ status }: HttpResponse): boolean => status >= 100 && status < 200 && status !== 101;

/** What follows a response to a request of that method, '' if the request is not known (RFC 9112 6.3). */
export const contentAfter = ({ status, content }: HttpResponse, method: string): HttpContent =>
  method === 'HEAD' || status < 200 || status === 204 || status === 304 ? 0 : content;
