/** The head of an HTTP/1 request (RFC 9112 section 3). */
import { formatAddress, parseAddress } from './address.ts';
import { hostText } from './host-text.ts';
import {
  beginsLike,
  contentOf,
  decodeHttpHead,
  fieldOf,
  fromUtf8,
  type HttpContent,
  NEED_MORE,
  NOT_HTTP,
} from './http-head.ts';

interface HttpRequest {
  readonly kind: 'request';
  readonly method: string;
  /** Path of the target, `*` for OPTIONS of the server, '' for CONNECT. */
  readonly path: string;
  /** The query of the target with its question mark, or ''. */
  readonly query: string;
  /** Host in lower case without port and final dot, IPv6 without brackets; from the Host header, else the authority of the target; '' if neither is there. */
  readonly host: string;
  readonly userAgent: string;
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
const methods: readonly string[] = (
  'GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL ' +
  'LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PROPFIND PROPPATCH REBIND ' +
  'REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL ' +
  'NOTIFY SUBSCRIBE UNSUBSCRIBE M-SEARCH PURGE BCOPY BDELETE BMOVE BPROPFIND BPROPPATCH POLL ' +
  'RPC_IN_DATA RPC_OUT_DATA SSTP_DUPLEX_POST CCM_POST'
).split(' ');

/** The known method, with its space, that a stream may begin with; the first of several while bytes are few. */
const methodOf = (bytes: Uint8Array, start: number, end: number): string | undefined => {
  // Most traffic is refused by its first byte.
  if (start >= end || bytes[start]! < 0x41 || bytes[start]! > 0x5a) return undefined;
  return methods.find((method) => beginsLike(bytes, start, end, `${method} `));
};

/** Can a stream that begins so be an HTTP/1 request? A known method and its space decide, fewer bytes may refuse. */
export const mayBeHttpRequest = (bytes: Uint8Array, start: number, end: number): boolean =>
  methodOf(bytes, start, end) !== undefined;

/** Host of an authority, without user, port and brackets. */
const hostOf = (authority: string): string => {
  const hostPort = authority.slice(authority.lastIndexOf('@') + 1);
  const literal = /^\[([^\]]*)\]/.exec(hostPort)?.[1];
  const address = parseAddress(literal ?? hostPort);
  if (address !== undefined) return formatAddress(address);
  const host = Buffer.from(literal ?? hostPort.replace(/:\d*$/, ''), 'latin1');
  return hostText(host, 0, host.length);
};

interface Target {
  readonly authority: string;
  readonly path: string;
  readonly query: string;
}

/** The forms of a request target (RFC 9112 3.2): origin, absolute, authority, asterisk. */
const parseTarget = (method: string, target: string): Target => {
  if (method === 'CONNECT') return { authority: target.includes('/') ? '' : target, path: '', query: '' };
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target);
  const local = absolute ? target.slice(absolute[0].length) || '/' : target;
  const queryAt = local.indexOf('?');
  return {
    authority: absolute?.[1] ?? '',
    path: fromUtf8(queryAt < 0 ? local : local.slice(0, queryAt)),
    query: queryAt < 0 ? '' : fromUtf8(local.slice(queryAt)),
  };
};

/** The target in a request line of HTTP/1; undefined if the line is none. */
const targetOf = (method: string, line: string): string | undefined => {
  const rest = line.slice(method.length).trim();
  const versionAt = rest.lastIndexOf(' ') + 1;
  const target = rest.slice(0, versionAt).trim();
  return target !== '' && /^HTTP\/1\.\d$/.test(rest.slice(versionAt)) ? target : undefined;
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
  { final = false }: { readonly final?: boolean } = {},
): HttpRequestResult => {
  const method = methodOf(bytes, start, end);
  if (method === undefined) return start < end || final ? NOT_HTTP : NEED_MORE;
  const head = decodeHttpHead(bytes, start, end, final, (line) => targetOf(method, line));
  if (head.kind !== 'head') return head;
  const { start: target, fields, headBytes, complete } = head;
  const { authority, path, query } = parseTarget(method, target);
  return {
    kind: 'request',
    method,
    path,
    query,
    host: hostOf(fieldOf(fields, 'host')) || hostOf(authority),
    userAgent: fromUtf8(fieldOf(fields, 'user-agent')),
    expectsContinue: /^100-continue$/i.test(fieldOf(fields, 'expect')),
    content: contentOf(head, 0),
    headBytes,
    complete,
  };
};
