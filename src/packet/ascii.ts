/** Letters of ASCII as bytes, for names that are the same in either case. */

/** A-Z in lower case, any other byte as it is. */
export const lowerOf = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);
