/** The head of an HTTP/1 request at the start of a stream or of its next message (RFC 9112 sections 2 to 5). */
import { formatAddress, parseAddress } from './address.ts';
import { hostText } from './host-text.ts';

/** Bytes of a head beyond which nobody waits for the rest. */
export const MAX_HEAD_BYTES = 16_384;

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
  /** Bytes from the first of the request to the first after its head. */
  readonly headBytes: number;
  /** False if the head was cut, and only its whole lines are told. */
  readonly complete: boolean;
}

/** 'need-more' never comes for `MAX_HEAD_BYTES` or more, nor when `final`. */
export type HttpRequestResult = HttpRequest | { readonly kind: 'need-more' } | { readonly kind: 'not-http' };

const NEED_MORE = { kind: 'need-more' } as const;
const NOT_HTTP = { kind: 'not-http' } as const;

// IANA's registry, and what UPnP, WebDAV before the standard, and RPC over HTTP use.
const methods: readonly string[] = (
  'GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL ' +
  'LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PROPFIND PROPPATCH REBIND ' +
  'REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL ' +
  'NOTIFY SUBSCRIBE UNSUBSCRIBE M-SEARCH PURGE BCOPY BDELETE BMOVE BPROPFIND BPROPPATCH POLL ' +
  'RPC_IN_DATA RPC_OUT_DATA SSTP_DUPLEX_POST CCM_POST'
).split(' ');

/** Does [start, end) begin with `word`, as far as it goes? */
const beginsLike = (bytes: Uint8Array, start: number, end: number, word: string): boolean => {
  const length = Math.min(word.length, end - start);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== word.charCodeAt(i)) return false;
  return true;
};

/** The known method, with its space, that a stream may begin with; the first of several while bytes are few. */
const methodOf = (bytes: Uint8Array, start: number, end: number): string | undefined => {
  // Most traffic is refused by its first byte.
  if (start >= end || bytes[start]! < 0x41 || bytes[start]! > 0x5a) return undefined;
  return methods.find((method) => beginsLike(bytes, start, end, `${method} `));
};

/** Can a stream that begins so be an HTTP/1 request? A known method and its space decide, fewer bytes may refuse. */
export const mayBeHttpRequest = (bytes: Uint8Array, start: number, end: number): boolean =>
  methodOf(bytes, start, end) !== undefined;

/** Bytes as text of one character each, so that indexes agree; `fromUtf8` makes words of a part of it. */
const toLatin1 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');

const fromUtf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

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

/** The value of the first header field of that name, '' if there is none. Names are case-blind. */
const fieldOf = (lines: readonly string[], name: string): string => {
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon >= name.length && line.slice(0, colon).trim().toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return '';
};

/**
 * Decodes the head of a request that begins at `start`; [start, end) is the part of the stream known so far.
 *
 * Lines may end in a bare LF and fields may be folded. On 'need-more' call again with a longer part. A head that is not
 * whole within `MAX_HEAD_BYTES` is told as far as it goes.
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
  const capped = end - start >= MAX_HEAD_BYTES;
  const known = toLatin1(bytes, start, capped ? start + MAX_HEAD_BYTES : end);
  const lineEnd = known.indexOf('\n');
  if (lineEnd < 0) return final || capped ? NOT_HTTP : NEED_MORE;
  const target = targetOf(method, known.slice(0, lineEnd));
  if (target === undefined) return NOT_HTTP;
  const blankLine = /\n\r?\n/.exec(known);
  if (blankLine === null && !final && !capped) return NEED_MORE;

  const headBytes = blankLine ? blankLine.index + blankLine[0].length : known.lastIndexOf('\n') + 1;
  const fields = known.slice(lineEnd + 1, headBytes).replace(/\r?\n[ \t]+/g, ' ');
  const lines = fields.split('\n');
  const { authority, path, query } = parseTarget(method, target);
  return {
    kind: 'request',
    method,
    path,
    query,
    host: hostOf(fieldOf(lines, 'host')) || hostOf(authority),
    userAgent: fromUtf8(fieldOf(lines, 'user-agent')),
    headBytes,
    complete: blankLine !== null,
  };
};
