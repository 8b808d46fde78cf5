/** Patterns over the first payload of a client: its first bytes, or that it is a STUN message. */
import type { StunMessage } from '../packet/stun.ts';

/** Fewer bytes are chance, and more are no beginning. */
const MIN_BYTES = 4;
const MAX_BYTES = 32;

export type PayloadPattern =
  | { readonly kind: 'bytes'; readonly text: string; readonly bytes: Uint8Array }
  /** With an attribute of that type, whatever else it holds, if one is named. */
  | { readonly kind: 'stun'; readonly text: string; readonly attribute?: number };

/**
 * Compiles a pattern; a text says what is wrong with it.
 *
 * - `57 41 01 05`: the payload begins with these bytes, in hexadecimal.
 * - `stun`: it is a STUN message. `stun 4000`: one with an attribute of type 0x4000.
 */
export const compilePayloadPattern = (written: string): PayloadPattern | string => {
  const text = written.trim().toLowerCase().replace(/\s+/g, ' ');
  const stun = /^stun(?: ([0-9a-f]{4}))?$/.exec(text);
  if (stun !== null) {
    return stun[1] === undefined
      ? { kind: 'stun', text }
      : { kind: 'stun', text, attribute: Number.parseInt(stun[1], 16) };
  }
  if (!/^[0-9a-f]{2}(?: [0-9a-f]{2})*$/.test(text)) return 'expected bytes as 57 41 01 05, or stun, or stun 4000';
  const bytes = Uint8Array.from(text.split(' '), (byte) => Number.parseInt(byte, 16));
  if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) return `takes ${MIN_BYTES} to ${MAX_BYTES} bytes`;
  return { kind: 'bytes', text, bytes };
};

/** Does the pattern accept a payload [start, end), which is the STUN message `stun` if it is one? */
export const acceptsPayload = (
  pattern: PayloadPattern,
  bytes: Uint8Array,
  start: number,
  end: number,
  stun: StunMessage | undefined,
): boolean => {
  if (pattern.kind === 'stun') {
    if (stun === undefined) return false;
    return pattern.attribute === undefined || stun.attributes.includes(pattern.attribute);
  }
  return end - start >= pattern.bytes.length && pattern.bytes.every((byte, i) => bytes[start + i] === byte);
};

/** The more specific pattern first: more bytes, a message with an attribute before any. */
export const comparePayloadPatterns = (a: PayloadPattern, b: PayloadPattern): number => weightOf(b) - weightOf(a);

const weightOf = (pattern: PayloadPattern): number =>
  pattern.kind === 'bytes' ? pattern.bytes.length : pattern.attribute === undefined ? 0 : 1;
