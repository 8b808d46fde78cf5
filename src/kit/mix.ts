/** Every bit of a word to every bit of another: the step of which the hashes of tables are made. */

/**
 * Multiply, xor, shift, as in MurmurHash3's finaliser. Of a value under a secret seed, step by step with each word
 * (`mix(mix(seed ^ a) ^ b)`), it makes a hash whose collisions cannot be chosen.
 */
export const mix = (h: number): number => {
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
};
