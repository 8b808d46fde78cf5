/** The interval of a share (Wilson 1927): it holds for shares near 0 and 1, too, and never leaves [0, 1]. */
import type { Interval } from './interval.ts';

/** The 97.5 % quantile of the standard normal distribution. */
export const Z = 1.959963984540054;

/**
 * The 95 % interval of k out of n; open on both sides for n = 0.
 *
 * center = (k + z^2 / 2) / (n + z^2), half = z / (n + z^2) * sqrt(k (n - k) / n + z^2 / 4).
 *
 * @example wilson(81, 263) // { low: 0.2553..., high: 0.3662... }
 */
export const wilson = (k: number, n: number): Interval => {
  if (n === 0) return { low: null, high: null };
  const square = Z * Z;
  const center = (k + square / 2) / (n + square);
  const half = (Z / (n + square)) * Math.sqrt((k * (n - k)) / n + square / 4);
  return { low: k === 0 ? 0 : center - half, high: k === n ? 1 : center + half };
};
