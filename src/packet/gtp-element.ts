/** Parts of GTP messages that both versions have: elements in their places, addresses. */
import { wordAt } from './address.ts';

/** An information element: its type, and where its value stands. */
export interface GtpElement {
  readonly type: number;
  /** Which of several elements of one type it is, by its meaning; GTPv1 tells them apart by their order. */
  readonly instance: number;
  readonly start: number;
  readonly end: number;
}

/** The address of `length` (4 or 16) bytes at `at`; undefined for the unspecified one, which asks for an address. */
export const elementAddress = (bytes: Uint8Array, at: number, length: 4 | 16): Uint8Array | undefined => {
  const address = bytes.slice(at, at + length);
  return address.some((byte) => byte !== 0) ? address : undefined;
};

/** The four bytes at `at` as a number without sign. */
export const elementWord = (bytes: Uint8Array, at: number): number => wordAt(bytes, at) >>> 0;
