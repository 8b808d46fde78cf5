/** The ClientHello at the start of a client's TCP stream: TLS records joined to one handshake message (RFC 8446 5.1). */
import type { Interner } from '../kit/interner.ts';
import {
  type ClientHelloResult,
  decodeClientHelloMessage,
  MAX_HELLO_BYTES,
  NEED_MORE,
  NOT_TLS,
} from './tls-handshake.ts';

const HANDSHAKE = 22;
/** The least and the greatest content type of a record: change_cipher_spec and application_data. */
const CONTENT_TYPES = [20, 23] as const;
const RECORD_HEADER_BYTES = 5;
/** 2^14 and the expansion that TLS 1.2 allows. */
const MAX_RECORD_BYTES = 16_384 + 2_048;

/** Can a stream that begins so be TLS? Two bytes decide, and one may refuse. */
export const mayBeTls = (bytes: Uint8Array, start: number, end: number): boolean =>
  start < end && bytes[start] === HANDSHAKE && (end - start < 2 || bytes[start + 1] === 3);

/** Can [start, end) begin with a record of TLS, of any content? */
export const mayBeTlsRecord = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= 2 && bytes[start]! >= CONTENT_TYPES[0] && bytes[start]! <= CONTENT_TYPES[1] && bytes[start + 1] === 3;

/**
 * Decodes the ClientHello of a stream of which [start, end) is the part known so far, without gaps from its first byte.
 *
 * The hello may span several records and segments: on 'need-more' call again with a longer part. A hello that is not
 * whole within `MAX_HELLO_BYTES`, or that other records interrupt, is told as far as it goes. The SSL 2.0 form of the
 * hello is 'not-tls'.
 *
 * @param final no more bytes will come: tell what can be read of a hello that is cut
 * @example decodeClientHello(payload, 0, payload.length, interner) // { kind: 'hello', sni: 7, alpn: 8, ... }
 */
export const decodeClientHello = (
  bytes: Uint8Array,
  start: number,
  end: number,
  interner: Interner,
  options: { readonly final?: boolean } = {},
): ClientHelloResult => {
  if (end - start >= MAX_HELLO_BYTES) {
    end = start + MAX_HELLO_BYTES;
    options = { final: true };
  }
  const fragments: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    if (!mayBeTls(bytes, at, end))
      return fragments.length > 0 ? decodeJoined(fragments, interner, { final: true }) : NOT_TLS;
    if (at + RECORD_HEADER_BYTES > end) break;
    const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    // An empty handshake record is forbidden; allowing it would let a stream run on without a hello.
    if (length === 0 || length > MAX_RECORD_BYTES) return NOT_TLS;
    const dataAt = at + RECORD_HEADER_BYTES;
    const dataEnd = Math.min(dataAt + length, end);
    // Most hellos stand whole in their first record.
    if (at === start) {
      const result = decodeClientHelloMessage(bytes, dataAt, dataEnd, interner);
      if (result.kind !== 'need-more') return result;
    }
    fragments.push(bytes.subarray(dataAt, dataEnd));
    at = dataAt + length;
  }
  if (fragments.length === 0) return options.final ? NOT_TLS : NEED_MORE;
  return decodeJoined(fragments, interner, options);
};

const decodeJoined = (
  fragments: readonly Uint8Array[],
  interner: Interner,
  options: { readonly final?: boolean },
): ClientHelloResult => {
  const joined = Buffer.concat(fragments);
  return decodeClientHelloMessage(joined, 0, joined.length, interner, options);
};
