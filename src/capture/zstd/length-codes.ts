/** The lengths behind literal length codes and match length codes (RFC 8878 3.1.1.3.2.1.1). */

/** For each code the smallest length, and how many extra bits are added to it. */
export interface LengthCodes {
  readonly base: Uint32Array;
  readonly bits: Uint8Array;
}

/** Codes without extra bits come first, and each code's range begins where the one before ends. */
const lengthCodes = (smallest: number, codesWithoutBits: number, others: readonly number[]): LengthCodes => {
  const bits = Uint8Array.from([...new Array<number>(codesWithoutBits).fill(0), ...others]);
  let next = smallest;
  const base = Uint32Array.from(bits, (count) => {
    const own = next;
    next += 1 << count;
    return own;
  });
  return { base, bits };
};

export const literalLengthCodes = lengthCodes(
  0,
  16,
  [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
export const matchLengthCodes = lengthCodes(
  3,
  32,
  [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
