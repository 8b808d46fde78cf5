/** Headers of QUIC packets: the long form of versions that are known, version negotiation, Retry (RFC 9000 17, RFC 8999, RFC 9369 3.2). */
import { wordAt } from './address.ts';
import { readVarint, varintBytes } from './quic-varint.ts';
import { type QuicVersion, quicVersionOf } from './quic-version.ts';

export const QuicPacket = { INITIAL: 0, ZERO_RTT: 1, HANDSHAKE: 2, RETRY: 3, VERSION_NEGOTIATION: 4 } as const;

const MAX_CONNECTION_ID_BYTES = 20;
/** Length of the number and sample that header protection needs, whatever the number's own length (RFC 9001 5.4.2). */
const MIN_PROTECTED_BYTES = 4 + 16;

/** Does a datagram that begins so begin with a long header? */
export const isLongHeader = (first: number): boolean => (first & 0x80) !== 0;

/** A short header with its fixed bit, behind which the spin bit stands. */
export const isShortHeader = (first: number): boolean => (first & 0xc0) === 0x40;

/** The spin bit of a short header, 0 or 1 (RFC 9000 17.4). */
export const spinOf = (first: number): number => (first >> 5) & 1;

/**
 * The long header of one packet, valid after `decode` returned true and until the next call. Offsets are into the
 * buffer that was passed. Several packets may share a datagram: decode again at `end` until it is the datagram's.
 */
export class QuicHeader {
  /** Undefined for version negotiation, which has none of its own. */
  version: QuicVersion | undefined = undefined;
  /** As it stands in the packet, signed. */
  versionWord = 0;
  /** A `QuicPacket`. */
  type = 0;
  /** Destination and source connection ids. */
  destinationAt = 0;
  destinationBytes = 0;
  sourceAt = 0;
  sourceBytes = 0;
  /** Start of the protected packet number; of what follows the connection ids in Retry and version negotiation. */
  numberAt = 0;
  end = 0;

  /**
   * Reads the header at `at` of a datagram that ends at `end`. Where the capture cut it there, `wireEnd` is its end.
   *
   * @returns false if it is no long header of a known version, or if the packet would run over the datagram
   */
  decode(bytes: Uint8Array, at: number, end: number, wireEnd = end): boolean {
    if (at + 7 > end || !isLongHeader(bytes[at]!)) return false;
    this.versionWord = wordAt(bytes, at + 1);
    this.version = quicVersionOf(this.versionWord);
    if (this.version === undefined && this.versionWord !== 0) return false;
    if (this.version?.name === 'Q046') return this.#decodeQ046(bytes, at, end, wireEnd);
    this.destinationBytes = bytes[at + 5]!;
    this.destinationAt = at + 6;
    const sourceLengthAt = this.destinationAt + this.destinationBytes;
    if (this.destinationBytes > MAX_CONNECTION_ID_BYTES || sourceLengthAt >= end) return false;
    this.sourceBytes = bytes[sourceLengthAt]!;
    this.sourceAt = sourceLengthAt + 1;
    this.numberAt = this.sourceAt + this.sourceBytes;
    this.end = wireEnd;
    if (this.sourceBytes > MAX_CONNECTION_ID_BYTES || this.numberAt > end) return false;
    if (this.version === undefined) {
      this.type = QuicPacket.VERSION_NEGOTIATION;
      // At least one version is offered.
      return this.numberAt + 4 <= wireEnd && (wireEnd - this.numberAt) % 4 === 0;
    }
    const bits = (bytes[at]! >> 4) & 3;
    this.type = this.version.label === 'quicv2' ? (bits + 3) & 3 : bits;
    if (this.type === QuicPacket.RETRY) return true;
    return this.#decodeLengths(bytes, end, wireEnd);
  }

  /** Token, in an Initial packet, and length of the rest. */
  #decodeLengths(bytes: Uint8Array, end: number, wireEnd: number): boolean {
    let next = this.numberAt;
    if (this.type === QuicPacket.INITIAL) {
      const tokenBytes = readVarint(bytes, next, end);
      if (tokenBytes < 0) return false;
      next += varintBytes(bytes[next]!) + tokenBytes;
    }
    const length = readVarint(bytes, next, end);
    if (length < MIN_PROTECTED_BYTES) return false;
    this.numberAt = next + varintBytes(bytes[next]!);
    this.end = this.numberAt + length;
    return this.end <= wireEnd;
  }

  /** Google's version 46 writes the lengths of both connection ids into one byte, and none of the rest. */
  #decodeQ046(bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
    const lengthOf = (nibble: number): number => (nibble === 0 ? 0 : nibble + 3);
    this.type = (bytes[at]! >> 4) & 3;
    this.destinationAt = at + 6;
    this.destinationBytes = lengthOf(bytes[at + 5]! >> 4);
    this.sourceAt = this.destinationAt + this.destinationBytes;
    this.sourceBytes = lengthOf(bytes[at + 5]! & 15);
    this.numberAt = this.sourceAt + this.sourceBytes;
    this.end = wireEnd;
    return this.numberAt < end;
  }
}
