/** The TLS ClientHello as a handshake message, without record layer: what it asks for (RFC 8446 4.1.2, RFC 6066 3, RFC 7301). */
import type { Interner } from '../kit/interner.ts';
import { shortAt } from './address.ts';
import { escapeBytes, isPlain } from './escape-bytes.ts';
import { internHost } from './host-text.ts';

/** Bytes of a ClientHello beyond which nobody waits for the rest. */
export const MAX_HELLO_BYTES = 65_536;

/** What a client says in its ClientHello. */
export interface ClientHello {
  readonly kind: 'hello';
  /** Interner code of the server name in lower case, 0 if none is given; bytes that no host name holds are escaped as `\DDD`. */
  readonly sni: number;
  /** Interner code of the application protocols offered, in order, GREASE left out, joined by spaces; a space inside a name is escaped. */
  readonly alpn: number;
  /** The hello carries an encrypted_client_hello extension or its forerunner encrypted_server_name; GREASE looks the same. */
  readonly echOffered: boolean;
  /** Highest version offered: 0x0303 is TLS 1.2, 0x0304 is TLS 1.3 and its drafts. */
  readonly version: number;
  /** False if the hello was cut, and only what stood before the cut is told. */
  readonly complete: boolean;
}

/** 'need-more' never comes for `MAX_HELLO_BYTES` or more, nor when `final`. */
export type ClientHelloResult = ClientHello | { readonly kind: 'need-more' } | { readonly kind: 'not-tls' };

export const NEED_MORE = { kind: 'need-more' } as const;
export const NOT_TLS = { kind: 'not-tls' } as const;

const CLIENT_HELLO = 1;
const HANDSHAKE_HEADER_BYTES = 4;
const TLS_1_3 = 0x0304;
const MAX_ALPN = 32;

const Extension = { SERVER_NAME: 0, ALPN: 16, SUPPORTED_VERSIONS: 43, ESNI: 0xffce, ECH: 0xfe0d } as const;
/** Drafts 8 to 12 of Encrypted Client Hello had numbers of their own. */
const FIRST_ECH_DRAFT = 0xfe08;

/** Values of the form ?a?a exist to be ignored (RFC 8701). */
const isGrease = (high: number, low: number): boolean => high === low && (low & 15) === 10;

/** The first host_name of a server_name extension. */
const decodeServerName = (bytes: Uint8Array, at: number, end: number, interner: Interner): number => {
  at += 2;
  while (at + 3 <= end) {
    const next = at + 3 + shortAt(bytes, at + 1);
    if (next > end) return 0;
    if (bytes[at] === 0) return internHost(bytes, at + 3, next, interner);
    at = next;
  }
  return 0;
};

const SPACE = 0x20;

/** Each byte of a protocol may take four characters (`\DDD`), and a space stands between two. */
const scratch = Buffer.alloc(MAX_ALPN * (4 * 255 + 1));

/** Writes the protocol in [start, end) as text into `scratch` at `to`; where that ends. */
const writeProtocol = (bytes: Uint8Array, start: number, end: number, to: number): number => {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (!isPlain(byte)) return to + scratch.write(escapeBytes(bytes, start, end), to, 'latin1');
    scratch[to + i - start] = byte;
  }
  return to + end - start;
};

const decodeAlpn = (bytes: Uint8Array, at: number, end: number, interner: Interner): number => {
  let written = 0;
  at += 2;
  for (let protocols = 0; at < end && protocols < MAX_ALPN; ) {
    const next = at + 1 + bytes[at]!;
    if (next > end) break;
    const grease = next === at + 3 && isGrease(bytes[at + 1]!, bytes[at + 2]!);
    if (next > at + 1 && !grease) {
      if (protocols++ > 0) scratch[written++] = SPACE;
      written = writeProtocol(bytes, at + 1, next, written);
    }
    at = next;
  }
  return interner.latin1(scratch, written);
};

const decodeVersions = (bytes: Uint8Array, at: number, end: number): number => {
  let highest = 0;
  for (at += 1; at + 2 <= end; at += 2) {
    const version = shortAt(bytes, at);
    // Drafts of TLS 1.3 called themselves 0x7f00 and their number.
    const known = version >> 8 === 0x7f ? TLS_1_3 : version >> 8 === 3 ? version : 0;
    if (known > highest) highest = known;
  }
  return highest;
};

/** Index after a vector whose length stands in `size` bytes at `at`; past `end` if it is cut. */
const skipVector = (bytes: Uint8Array, at: number, size: 1 | 2, end: number): number => {
  if (at + size > end) return end + 1;
  return at + size + (size === 1 ? bytes[at]! : shortAt(bytes, at));
};

/** Reads the body of a ClientHello as far as it goes. */
const decodeBody = (bytes: Uint8Array, start: number, end: number, whole: boolean, interner: Interner): ClientHello => {
  let sni = 0;
  let alpn = 0;
  let echOffered = false;
  let version = start + 2 <= end ? shortAt(bytes, start) : 0;
  let at = start + 2 + 32;
  at = skipVector(bytes, at, 1, end);
  at = skipVector(bytes, at, 2, end);
  at = skipVector(bytes, at, 1, end);
  // A hello without any extension ends here.
  at = at === end ? end : at + 2;
  while (at + 4 <= end) {
    const type = shortAt(bytes, at);
    const dataAt = at + 4;
    at = dataAt + shortAt(bytes, at + 2);
    if (type === Extension.ESNI || (type >= FIRST_ECH_DRAFT && type <= Extension.ECH)) echOffered = true;
    if (at > end) break;
    if (type === Extension.SERVER_NAME) sni ||= decodeServerName(bytes, dataAt, at, interner);
    else if (type === Extension.ALPN) alpn = decodeAlpn(bytes, dataAt, at, interner);
    else if (type === Extension.SUPPORTED_VERSIONS) version = Math.max(version, decodeVersions(bytes, dataAt, at));
  }
  return { kind: 'hello', sni, alpn, echOffered, version, complete: whole && at === end };
};

/**
 * Decodes a ClientHello without record layer: the start of a QUIC CRYPTO stream, or joined TLS fragments.
 *
 * @param final no more bytes will come: tell what can be read of a hello that is cut
 */
export const decodeClientHelloMessage = (
  bytes: Uint8Array,
  start: number,
  end: number,
  interner: Interner,
  { final = false }: { readonly final?: boolean } = {},
): ClientHelloResult => {
  if (start < end && bytes[start] !== CLIENT_HELLO) return NOT_TLS;
  if (end - start < HANDSHAKE_HEADER_BYTES) return final ? NOT_TLS : NEED_MORE;
  const bodyAt = start + HANDSHAKE_HEADER_BYTES;
  const bodyEnd = bodyAt + ((bytes[start + 1]! << 16) | shortAt(bytes, start + 2));
  if (bodyEnd - start > MAX_HELLO_BYTES) return NOT_TLS;
  // The version is 3.x in all of SSL 3.0 to TLS 1.3: an early proof that this is a hello.
  if (bodyAt < end && bytes[bodyAt] !== 3) return NOT_TLS;
  if (bodyEnd <= end) return decodeBody(bytes, bodyAt, bodyEnd, true, interner);
  return final ? decodeBody(bytes, bodyAt, end, false, interner) : NEED_MORE;
};
