/** The frames of an Initial packet: its CRYPTO pieces and whether it acknowledges (RFC 9000 19, and Google's older way). */
import { readVarint, varintBytes } from './quic-varint.ts';
import type { QuicVersion } from './quic-version.ts';

const Frame = { PADDING: 0, PING: 1, ACK: 2, ACK_ECN: 3, CRYPTO: 6, CONNECTION_CLOSE: 0x1c } as const;
/** An ACK has more in the six lower bits. */
const GoogleFrame = { PADDING: 0, PING: 7, CRYPTO: 8, ACK: 0x40 } as const;

/** A packet in smaller pieces than this is not read. */
const MAX_PIECES = 256;

/** What `decode` found, until the next call. */
export class InitialFrames {
  /** CRYPTO pieces: offset in the stream, and where their data lies in the payload. */
  pieces = 0;
  readonly offsets = new Float64Array(MAX_PIECES);
  readonly starts = new Int32Array(MAX_PIECES);
  readonly ends = new Int32Array(MAX_PIECES);
  acknowledges = false;

  /**
   * Reads all frames of a payload that was deciphered.
   *
   * @returns false if it holds what an Initial packet must not hold; then nothing of it may be used
   */
  decode(payload: Uint8Array, dialect: QuicVersion['frames'] = 'ietf'): boolean {
    this.pieces = 0;
    this.acknowledges = false;
    return dialect === 'ietf' ? this.#decodeIetf(payload, payload.length) : this.#decodeGoogle(payload, payload.length);
  }

  #decodeIetf(payload: Uint8Array, end: number): boolean {
    let at = 0;
    while (at < end) {
      const type = payload[at++]!;
      if (type === Frame.PADDING) at = skipPadding(payload, at, end);
      else if (type === Frame.PING) continue;
      else if (type === Frame.CRYPTO) at = this.#crypto(payload, at, end);
      else if (type === Frame.ACK || type === Frame.ACK_ECN) {
        this.acknowledges = true;
        at = skipAck(payload, at, end, type === Frame.ACK_ECN);
      } else if (type === Frame.CONNECTION_CLOSE) at = skipClose(payload, at, end);
      else return false;
      if (at < 0) return false;
    }
    return true;
  }

  #decodeGoogle(payload: Uint8Array, end: number): boolean {
    let at = 0;
    while (at < end) {
      const type = payload[at++]!;
      if (type === GoogleFrame.PADDING) at = skipPadding(payload, at, end);
      else if (type === GoogleFrame.PING) continue;
      else if (type === GoogleFrame.CRYPTO) at = this.#crypto(payload, at, end);
      else if ((type & 0xc0) === GoogleFrame.ACK) {
        this.acknowledges = true;
        at = skipGoogleAck(payload, type, at, end);
      } else return false;
      if (at < 0) return false;
    }
    return true;
  }

  #crypto(payload: Uint8Array, at: number, end: number): number {
    const offset = readVarint(payload, at, end);
    if (offset < 0) return -1;
    at += varintBytes(payload[at]!);
    const length = readVarint(payload, at, end);
    if (length < 0) return -1;
    const start = at + varintBytes(payload[at]!);
    if (start + length > end || this.pieces === MAX_PIECES) return -1;
    this.offsets[this.pieces] = offset;
    this.starts[this.pieces] = start;
    this.ends[this.pieces++] = start + length;
    return start + length;
  }
}

/** The index after zeros: most of a client's first packet is padding, of both dialects. */
const skipPadding = (payload: Uint8Array, at: number, end: number): number => {
  while (at < end && payload[at] === 0) at++;
  return at;
};

/** The index after `count` integers, negative if they are cut. */
const skipVarints = (payload: Uint8Array, at: number, end: number, count: number): number => {
  for (let i = 0; i < count; i++) {
    if (at >= end) return -1;
    at += varintBytes(payload[at]!);
  }
  return at > end ? -1 : at;
};

/** Largest number, delay, count of ranges, first range; two integers a range; three with the marks of ECN. */
const skipAck = (payload: Uint8Array, at: number, end: number, hasEcn: boolean): number => {
  const countAt = skipVarints(payload, at, end, 2);
  if (countAt < 0) return -1;
  const ranges = readVarint(payload, countAt, end);
  // A range takes two bytes at least.
  if (ranges < 0 || 2 * ranges > end) return -1;
  return skipVarints(payload, countAt, end, 2 + 2 * ranges + (hasEcn ? 3 : 0));
};

/** Error, type of the frame that caused it, reason. */
const skipClose = (payload: Uint8Array, at: number, end: number): number => {
  const lengthAt = skipVarints(payload, at, end, 2);
  const length = lengthAt < 0 ? -1 : readVarint(payload, lengthAt, end);
  if (length < 0) return -1;
  const next = lengthAt + varintBytes(payload[lengthAt]!) + length;
  return next > end ? -1 : next;
};

/** Of the largest number acknowledged and of the lengths of blocks, by two bits. */
const googleBytes = [1, 2, 4, 6] as const;

/**
 * 01ntllmm: the largest number in `l` bytes, delay in 2, with `n` a count of further blocks, the first block in `m`
 * bytes and the others with a gap before them, and times of arrival: the first in 5 bytes, the others in 3.
 */
const skipGoogleAck = (payload: Uint8Array, type: number, at: number, end: number): number => {
  const blockBytes = googleBytes[type & 3]!;
  let next = at + googleBytes[(type >> 2) & 3]! + 2;
  const blocks = (type & 0x20) !== 0 ? (payload[next++] ?? 0) : 0;
  next += blockBytes + blocks * (1 + blockBytes);
  const times = payload[next++] ?? 0;
  if (times > 0) next += 2 + 3 * times;
  return next > end ? -1 : next;
};
