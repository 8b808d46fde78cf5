/** The interval of a share of a sum, such as that of bytes: a ratio of two sums over the same sample. */
import type { Interval } from './interval.ts';
import { Z } from './wilson.ts';

/** Sum and sum of squares of the values of some units. */
export interface Moments {
  readonly sum: number;
  readonly squares: number;
}

/**
 * The 95 % interval of s = part.sum / whole.sum, by linearisation (Cochran, Sampling Techniques, 6.4).
 *
 * With d = x (1 - s) for units of the part and -x s for the others, var(s) = sum of d^2 / whole.sum^2. Unlike for a share
 * of units, few heavy ones make it wide. Open on both sides where the whole is 0; cut at 0 and 1.
 *
 * @param part of the whole: its units are among those of `whole`
 */
export const shareOfSum = (part: Moments, whole: Moments): Interval => {
  if (whole.sum === 0) return { low: null, high: null };
  const share = part.sum / whole.sum;
  const squares = (1 - share) ** 2 * part.squares + share ** 2 * Math.max(0, whole.squares - part.squares);
  const half = (Z * Math.sqrt(squares)) / whole.sum;
  return { low: Math.max(0, share - half), high: Math.min(1, share + half) };
};
