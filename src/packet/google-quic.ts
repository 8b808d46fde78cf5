/** Google's QUIC before it took up TLS: the CHLO message that begins a connection, and the packets that carry it in the clear (Q025 to Q046). */
import { wordAt } from './address.ts';
import { hostText } from './host-text.ts';

/** What a CHLO says. */
export interface GoogleHello {
  /** Server name in lower case, '' if none is given. */
  readonly sni: string;
}

const CHLO = 0x43484c4f;
const SNI = 0x534e4900;
const MESSAGE_HEADER_BYTES = 8;
const ENTRY_BYTES = 8;
const HASH_BYTES = 12;
const CRYPTO_STREAM = 1;
/** Of the public header, which precedes the version. */
const PublicFlag = { VERSION: 1, CONNECTION_ID: 8 } as const;
const CONNECTION_ID_BYTES = 8;
/** Lengths of packet numbers, by two bits. */
const numberBytes = [1, 2, 4, 6] as const;

const littleEndian = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

/** Reads the CHLO in [at, end): a list of tags and where their values end, and the values. */
export const decodeGoogleHello = (bytes: Uint8Array, at: number, end: number): GoogleHello | undefined => {
  if (at + MESSAGE_HEADER_BYTES > end || wordAt(bytes, at) !== CHLO) return undefined;
  const tags = bytes[at + 4]! | (bytes[at + 5]! << 8);
  const tagsAt = at + MESSAGE_HEADER_BYTES;
  const valuesAt = tagsAt + tags * ENTRY_BYTES;
  let valueAt = valuesAt;
  for (let entry = tagsAt; entry < valuesAt && entry + ENTRY_BYTES <= end; entry += ENTRY_BYTES) {
    const valueEnd = valuesAt + littleEndian(bytes, entry + 4);
    if (valueEnd < valueAt || valueEnd > end) break;
    if (wordAt(bytes, entry) === SNI) return { sni: hostText(bytes, valueAt, valueEnd) };
    valueAt = valueEnd;
  }
  return { sni: '' };
};

/** The CHLO behind the hash of a packet in the clear: in a STREAM frame of the stream of the handshake. */
const decodeClearFrames = (bytes: Uint8Array, at: number, end: number): GoogleHello | undefined => {
  // Up to Q033 a byte of private flags precedes the frames.
  if (at < end && bytes[at] === 0) at++;
  if (at + 2 > end) return undefined;
  // 1fdooossB: finished, length given, bytes of the offset less one if any, bytes of the stream's number less one.
  const type = bytes[at]!;
  if ((type & 0x83) !== 0x80 || bytes[at + 1] !== CRYPTO_STREAM) return undefined;
  const offsetBits = (type >> 2) & 7;
  const offsetBytes = offsetBits === 0 ? 0 : offsetBits + 1;
  return decodeGoogleHello(bytes, at + 2 + offsetBytes + ((type & 0x20) !== 0 ? 2 : 0), end);
};

/** The CHLO of a packet of Q046, of which `numberAt` is where the packet number begins; `first` is the packet's first byte. */
export const decodeQ046 = (bytes: Uint8Array, first: number, numberAt: number, end: number): GoogleHello | undefined =>
  decodeClearFrames(bytes, numberAt + 1 + (first & 3) + HASH_BYTES, end);

/**
 * The CHLO of a datagram with the public header of Q043 and its forerunners.
 *
 * @returns undefined if it is none
 */
export const decodePublicHeader = (
  bytes: Uint8Array,
  start: number,
  end: number,
): (GoogleHello & { readonly version: string }) | undefined => {
  const flags = bytes[start]!;
  const wanted = PublicFlag.VERSION | PublicFlag.CONNECTION_ID;
  const versionAt = start + 1 + CONNECTION_ID_BYTES;
  if ((flags & (0xc0 | wanted)) !== wanted || versionAt + 4 > end) return undefined;
  const version = String.fromCharCode(...bytes.subarray(versionAt, versionAt + 4));
  if (!/^Q0[234]\d$/.test(version)) return undefined;
  const framesAt = versionAt + 4 + numberBytes[(flags >> 4) & 3]! + HASH_BYTES;
  const hello = decodeClearFrames(bytes, framesAt, end);
  return hello === undefined ? undefined : { ...hello, version };
};
