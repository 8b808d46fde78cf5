/** STUN messages (RFC 8489), TURN's among them (RFC 8656), and those of its first version (RFC 3489): what they are, not what they say. */
import { shortAt, wordAt } from './address.ts';

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
const ATTRIBUTE_HEADER_BYTES = 4;
/** Attributes read of a message. */
const MAX_ATTRIBUTES = 32;

/** RFC 3489 11.1: binding and shared secret, each as request, response and error. */
const classicTypes: ReadonlySet<number> = new Set([0x0001, 0x0101, 0x0111, 0x0002, 0x0102, 0x0112]);
/** RFC 3489 11.2; beyond 0x7fff an attribute may be ignored, so that it may be any. */
const LAST_CLASSIC_ATTRIBUTE = 0x000b;
const FIRST_OPTIONAL_ATTRIBUTE = 0x8000;

const classes = ['request', 'indication', 'success', 'error'] as const;

export interface StunMessage {
  /** Has it the header of RFC 3489, without the magic cookie? */
  readonly isClassic: boolean;
  /** 12 bits: binding is 1, TURN's allocate 3. */
  readonly method: number;
  readonly class: (typeof classes)[number];
  /** Types of the attributes, in their order, as far as the bytes go. */
  readonly attributes: readonly number[];
}

/** Types of the attributes in [start, end); undefined if they do not fill it, unless it was cut. The last may lack its padding. */
const attributesOf = (bytes: Uint8Array, start: number, end: number, isCut: boolean): number[] | undefined => {
  const attributes: number[] = [];
  let at = start;
  while (at < end && attributes.length < MAX_ATTRIBUTES) {
    const valueAt = at + ATTRIBUTE_HEADER_BYTES;
    if (valueAt > end) return isCut ? attributes : undefined;
    const length = shortAt(bytes, at + 2);
    attributes.push(shortAt(bytes, at));
    if (valueAt + length > end) return isCut ? attributes : undefined;
    at = Math.min(valueAt + ((length + 3) & ~3), end);
  }
  return attributes;
};

const isClassicAttribute = (type: number): boolean =>
  type <= LAST_CLASSIC_ATTRIBUTE || type >= FIRST_OPTIONAL_ATTRIBUTE;

/**
 * Decodes the message that begins at `start`; more may follow it, as on TCP, and its end may be missing. Without the
 * magic cookie of RFC 5389 few bits tell STUN: then a message has to fill [start, end) and be made of what RFC 3489 knows.
 *
 * @returns undefined for what is no STUN
 */
export const decodeStun = (bytes: Uint8Array, start: number, end: number): StunMessage | undefined => {
  if (end - start < HEADER_BYTES || bytes[start]! > 0x3f) return undefined;
  const type = shortAt(bytes, start);
  const messageEnd = start + HEADER_BYTES + shortAt(bytes, start + 2);
  const isClassic = wordAt(bytes, start + 4) !== MAGIC_COOKIE;
  if (isClassic && (messageEnd !== end || !classicTypes.has(type))) return undefined;
  const attributes = attributesOf(bytes, start + HEADER_BYTES, Math.min(messageEnd, end), messageEnd > end);
  if (attributes === undefined || (isClassic && !attributes.every(isClassicAttribute))) return undefined;
  return {
    isClassic,
    // The bits of the class stand between those of the method (RFC 8489 figure 3).
    method: ((type & 0x3e00) >> 2) | ((type & 0x00e0) >> 1) | (type & 0x000f),
    class: classes[((type & 0x0100) >> 7) | ((type & 0x0010) >> 4)]!,
    attributes,
  };
};
