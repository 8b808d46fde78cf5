/** The head of an HTTP/1 request (RFC 9112 section 3). */
import type { Interner } from '../kit/interner.ts';
import { formatAddress, parseAddress } from './address.ts';
import { hostText, internHost } from './host-text.ts';
import { beginsLike, findByte, isDigit, skipSpace, trimmedEnd } from './http-bytes.ts';
import {
  contentLengthOf,
  contentOf,
  decodeHttpHead,
  type HttpContent,
  HttpField,
  type HttpHead,
  NEED_MORE,
  NOT_HTTP,
} from './http-head.ts';
import { internUtf8, toLatin1, toUtf8 } from './utf8-text.ts';

interface HttpRequest {
  readonly kind: 'request';
  readonly method: string;
  /** Interner code of the target's path, of `*` for OPTIONS of the server, of '' for CONNECT. */
  readonly path: number;
  /** The query of the target with its question mark, or ''. */
  readonly query: string;
  /** Interner code of the host in lower case without port and final dot, IPv6 without brackets; from the Host header, else the authority of the target; 0 if neither is there. */
  readonly host: number;
  /** Interner code. */
  readonly userAgent: number;
  /** Bytes of target, host and user agent in the head: about the memory that their texts take. */
  readonly textBytes: number;
  /** Does the client wait for leave to send the content (RFC 9110 10.1.1)? */
  readonly expectsContinue: boolean;
  /** What follows the head; 'unknown' behind one that was cut. */
  readonly content: HttpContent;
  /** Bytes from the first of the request to the first after its head. */
  readonly headBytes: number;
  /** False if the head was cut, and only its whole lines are told. */
  readonly complete: boolean;
}

export type HttpRequestResult = HttpRequest | typeof NEED_MORE | typeof NOT_HTTP;

// IANA's registry, and what UPnP, WebDAV before the standard, and RPC over HTTP use.
const methods = (
  'GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL ' +
  'LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PROPFIND PROPPATCH REBIND ' +
  'REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL ' +
  'NOTIFY SUBSCRIBE UNSUBSCRIBE M-SEARCH PURGE BCOPY BDELETE BMOVE BPROPFIND BPROPPATCH POLL ' +
  'RPC_IN_DATA RPC_OUT_DATA SSTP_DUPLEX_POST CCM_POST'
)
  .split(' ')
  .map((method) => ({ method, word: `${method} ` }));

/** The known method, as a stream begins with it and a space; the first of several while bytes are few. */
const methodOf = (bytes: Uint8Array, start: number, end: number): string | undefined => {
  // Most traffic is refused by its first byte.
  if (start >= end || bytes[start]! < 0x41 || bytes[start]! > 0x5a) return undefined;
  for (const { method, word } of methods) if (beginsLike(bytes, start, end, word)) return method;
  return undefined;
};

/** Can a stream that begins so be an HTTP/1 request? A known method and its space decide, fewer bytes may refuse. */
export const mayBeHttpRequest = (bytes: Uint8Array, start: number, end: number): boolean =>
  methodOf(bytes, start, end) !== undefined;

/** Host of an authority, without user, port and brackets. */
const parseHost = (authority: string): string => {
  const hostPort = authority.slice(authority.lastIndexOf('@') + 1);
  const literal = /^\[([^\]]*)\]/.exec(hostPort)?.[1];
  const address = parseAddress(literal ?? hostPort);
  if (address !== undefined) return formatAddress(address);
  const host = Buffer.from(literal ?? hostPort.replace(/:\d*$/, ''), 'latin1');
  return hostText(host, 0, host.length);
};

const LF = 0x0a;
const COLON = 0x3a;
const AT_SIGN = 0x40;
const BRACKET = 0x5b;

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

/** Is an authority a name and nothing else, as most are? No address without colons and brackets ends with a letter. */
const isName = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === LF || byte === COLON || byte === AT_SIGN || byte === BRACKET) return false;
  }
  return end > start && isLetter(bytes[end - 1]!);
};

/** Host in the field Host. */
const hostOf = (bytes: Uint8Array, head: HttpHead, interner: Interner): number => {
  const start = head.startOf(HttpField.HOST);
  const end = head.endOf(HttpField.HOST);
  if (isName(bytes, start, end)) return internHost(bytes, start, end, interner);
  return interner.code(parseHost(head.latin1(HttpField.HOST)));
};

interface Target {
  readonly authority: string;
  readonly path: number;
  readonly query: string;
}

const QUESTION_MARK = 0x3f;
const SLASH = 0x2f;

/** The forms of a request target (RFC 9112 3.2): origin, absolute, authority, asterisk. */
const decodeTarget = (method: string, bytes: Uint8Array, start: number, end: number, interner: Interner): Target => {
  let authority = '';
  let pathAt = start;
  if (method === 'CONNECT' || bytes[start] !== SLASH) {
    const target = toLatin1(bytes, start, end);
    if (method === 'CONNECT') return { authority: target.includes('/') ? '' : target, path: 0, query: '' };
    const absolute = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target);
    authority = absolute?.[1] ?? '';
    pathAt += absolute?.[0].length ?? 0;
  }
  const queryAt = findByte(bytes, QUESTION_MARK, pathAt, end);
  return {
    authority,
    path: pathAt === end ? interner.word('/') : internUtf8(bytes, pathAt, queryAt, interner),
    query: queryAt === end ? '' : toUtf8(bytes, queryAt, end),
  };
};

const SPACE = 0x20;
const VERSION = 'HTTP/1.';

/** Where the target ends in the request line [start, end) of HTTP/1; -1 if the line is none. */
const targetEndOf = (bytes: Uint8Array, start: number, end: number): number => {
  const digitAt = trimmedEnd(bytes, start, end) - 1;
  const versionAt = digitAt - VERSION.length;
  const isVersion =
    versionAt > start &&
    bytes[versionAt - 1] === SPACE &&
    beginsLike(bytes, versionAt, digitAt, VERSION) &&
    isDigit(bytes[digitAt]!);
  if (!isVersion) return -1;
  const methodEnd = findByte(bytes, SPACE, start, versionAt);
  const targetEnd = trimmedEnd(bytes, methodEnd, versionAt);
  return targetEnd > methodEnd ? targetEnd : -1;
};

/**
 * Decodes the head of a request that begins at `start`; [start, end) is the part of the stream known so far.
 *
 * On 'need-more' call again with a longer part: see `decodeHttpHead`.
 *
 * @param final no more bytes will come: tell the whole lines of a head that is cut
 * @returns 'not-http' as soon as the bytes cannot be an HTTP/1 request
 */
export const decodeHttpRequest = (
  bytes: Uint8Array,
  start: number,
  end: number,
  interner: Interner,
  { final = false }: { readonly final?: boolean } = {},
): HttpRequestResult => {
  const method = methodOf(bytes, start, end);
  if (method === undefined) return start < end || final ? NOT_HTTP : NEED_MORE;
  const head = decodeHttpHead(bytes, start, end, final, targetEndOf);
  if (head.kind !== 'head') return head;
  const targetEnd = head.start;
  const targetAt = skipSpace(bytes, start + method.length, targetEnd);
  const { authority, path, query } = decodeTarget(method, bytes, targetAt, targetEnd, interner);
  return {
    kind: 'request',
    method,
    path,
    query,
    host: hostOf(bytes, head, interner) || interner.code(parseHost(authority)),
    userAgent: head.intern(HttpField.USER_AGENT, interner),
    textBytes: targetEnd - targetAt + head.bytesOf(HttpField.HOST) + head.bytesOf(HttpField.USER_AGENT),
    expectsContinue: head.has(HttpField.EXPECT) && /^100-continue$/i.test(head.latin1(HttpField.EXPECT)),
    content: contentOf(head, contentLengthOf(bytes, head), 0),
    headBytes: head.headBytes,
    complete: head.complete,
  };
};
