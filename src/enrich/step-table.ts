/** A function of the address that changes value at few places: the places, sorted, and the value from each on. */
import { wordAt } from '../packet/address.ts';

export interface StepTable {
  /** First address of each step in network order, one word each for IPv4 and four for IPv6. The first is address 0. */
  readonly starts: Uint32Array;
  /** Value of each step; 0 is "nothing known". */
  readonly values: Uint32Array;
}

/** Unsigned, as the starts are. */
const wordOf = (bytes: Uint8Array, at: number): number => wordAt(bytes, at) >>> 0;

/** The last step that begins at or before an IPv4 address. */
const findIpv4 = (starts: Uint32Array, word: number): number => {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= word) low = middle;
    else high = middle;
  }
  return low;
};

const findIpv6 = (starts: Uint32Array, a: number, b: number, c: number, d: number): number => {
  let low = 0;
  let high = starts.length >>> 2;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const at = 4 * middle;
    const difference = starts[at]! - a || starts[at + 1]! - b || starts[at + 2]! - c || starts[at + 3]! - d;
    if (difference <= 0) low = middle;
    else high = middle;
  }
  return low;
};

/** Index of the step that holds an address of the table's family (4 or 16 bytes), by binary search. */
export const findStep = ({ starts }: StepTable, address: Uint8Array): number =>
  address.length === 4
    ? findIpv4(starts, wordOf(address, 0))
    : findIpv6(starts, wordOf(address, 0), wordOf(address, 4), wordOf(address, 8), wordOf(address, 12));

/** First address of step `index`, in as many bytes as the family has; undefined past the last step. */
export const stepStart = ({ starts, values }: StepTable, index: number): Uint8Array | undefined => {
  if (index >= values.length) return undefined;
  const words = starts.length / values.length;
  const bytes = new Uint8Array(4 * words);
  for (let i = 0; i < bytes.length; i++) bytes[i] = starts[words * index + (i >> 2)]! >>> (24 - 8 * (i & 3));
  return bytes;
};
