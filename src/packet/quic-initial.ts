/** Protection of the client's Initial packets: keys from the connection id, and taking the protection off (RFC 9001 5, RFC 9369 3.3). */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { encryptBlock } from '../kit/aes-block.ts';
import { HmacSha256, PreparedMessage } from '../kit/hmac-sha256.ts';
import type { QuicHeader } from './quic-header.ts';
import type { QuicVersion } from './quic-version.ts';

/** Keys of AES-128, and the nonce that packet numbers are added to. */
export interface InitialKeys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly headerKey: Uint8Array;
}

export const TAG_BYTES = 16;
const MAX_NUMBER_BYTES = 4;

/** The information of HKDF-Expand-Label (RFC 8446 7.1), and the 1 that HKDF-Expand adds for its only block (RFC 5869 2.3). */
const toLabel = (label: string, length: number): PreparedMessage =>
  new PreparedMessage(Buffer.from([0, length, 6 + label.length, ...Buffer.from(`tls13 ${label}`), 0, 1]));

const CLIENT_SECRET = toLabel('client in', 32);

const toKeyLabels = (prefix: string): Readonly<Record<'key' | 'iv' | 'hp', PreparedMessage>> => ({
  key: toLabel(`${prefix} key`, 16),
  iv: toLabel(`${prefix} iv`, 12),
  hp: toLabel(`${prefix} hp`, 16),
});

const hmac = new HmacSha256();
/** Used by one derivation, and overwritten by the next. */
const secret = new Uint8Array(32);

const keyLabels = { quic: toKeyLabels('quic'), quicv2: toKeyLabels('quicv2') } as const;

/**
 * The keys of a client's Initial packets.
 *
 * @param connectionId at most 20 bytes: destination of the client's first Initial packet, or what a Retry told it to use instead
 * @returns undefined for a version that does not encipher
 */
export const deriveInitialKeys = (version: QuicVersion, connectionId: Uint8Array): InitialKeys | undefined => {
  if (version.salt === undefined) return undefined;
  const labels = keyLabels[version.label];
  version.salt.digest(connectionId, secret);
  hmac.setKey(secret).digest(CLIENT_SECRET, secret);
  hmac.setKey(secret);
  const keys = { key: new Uint8Array(16), iv: new Uint8Array(12), headerKey: new Uint8Array(16) };
  hmac.digest(labels.key, keys.key);
  hmac.digest(labels.iv, keys.iv);
  hmac.digest(labels.hp, keys.headerKey);
  return keys;
};

/** The first five bytes of what a sample becomes hide the header (RFC 9001 5.4.3). */
const mask = new Uint8Array(16);

/** The nonce of a packet number of `count` bytes at `at`: all numbers of a first flight are short. */
const toNonce = ({ iv }: InitialKeys, bytes: Uint8Array, at: number, count: number): Buffer => {
  const nonce = Buffer.from(iv);
  for (let i = 0; i < count; i++) nonce[nonce.length - count + i]! ^= bytes[at + i]!;
  return nonce;
};

/**
 * The payload of the Initial packet at `at`, whose header is decoded.
 *
 * The tag is checked: nothing that a client did not write is ever read as frames, be it damaged, of another protocol,
 * or enciphered for another connection id. Keys and packet together cost 11 microseconds, the tag 1 of them.
 *
 * @returns undefined if these are not the keys
 */
export const openInitial = (
  keys: InitialKeys,
  bytes: Uint8Array,
  at: number,
  { numberAt, end }: QuicHeader,
): Uint8Array | undefined => {
  encryptBlock(keys.headerKey, bytes, numberAt + MAX_NUMBER_BYTES, mask);
  const first = bytes[at]! ^ (mask[0]! & 0x0f);
  // Two reserved bits are zero: three wrong keys of four are known by them.
  if ((first & 0x0c) !== 0) return undefined;
  const numberBytes = 1 + (first & 3);
  const payloadAt = numberAt + numberBytes;
  const header = Buffer.from(bytes.subarray(at, payloadAt));
  header[0] = first;
  for (let i = 0; i < numberBytes; i++) header[numberAt - at + i]! ^= mask[1 + i]!;
  const decipher = createDecipheriv('aes-128-gcm', keys.key, toNonce(keys, header, numberAt - at, numberBytes));
  decipher.setAuthTag(bytes.subarray(end - TAG_BYTES, end));
  decipher.setAAD(header);
  const payload = decipher.update(bytes.subarray(payloadAt, end - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return payload;
};

/**
 * Protects an Initial packet, for traffic that is made.
 *
 * @param header from the first byte to the packet number, which takes `numberBytes`; its length field counts the payload and 16 bytes more
 */
export const sealInitial = (
  keys: InitialKeys,
  header: Uint8Array,
  numberBytes: number,
  payload: Uint8Array,
): Uint8Array => {
  const numberAt = header.length - numberBytes;
  const cipher = createCipheriv('aes-128-gcm', keys.key, toNonce(keys, header, numberAt, numberBytes));
  cipher.setAAD(header);
  const packet = Buffer.concat([header, cipher.update(payload), cipher.final(), cipher.getAuthTag()]);
  encryptBlock(keys.headerKey, packet, numberAt + MAX_NUMBER_BYTES, mask);
  packet[0]! ^= mask[0]! & 0x0f;
  for (let i = 0; i < numberBytes; i++) packet[numberAt + i]! ^= mask[1 + i]!;
  return packet;
};
