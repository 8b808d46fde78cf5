/** Between which order statistics a quantile lies, whatever the distribution (David and Nagaraja, Order Statistics, 7.1). */
import { binomialQuantile } from './binomial.ts';
import { CONFIDENCE, type Interval } from './interval.ts';

/**
 * Ranks l and u, from 1, such that P(X(l) <= Q(p) <= X(u)) >= 95 % for n independent values of any distribution.
 *
 * The number of values below Q(p) is binomial with n and p: l and u are its quantiles at 2.5 % and 97.5 %, the upper one
 * plus 1. A side is null where even the least or the greatest value does not bound the quantile that surely: p = 0.99
 * takes 368 values to be bounded above.
 *
 * @example quantileRanks(100, 0.5) // { low: 40, high: 61 }
 */
export const quantileRanks = (n: number, p: number): Interval => {
  const tail = (1 - CONFIDENCE) / 2;
  const low = binomialQuantile(n, p, tail);
  const high = binomialQuantile(n, p, 1 - tail) + 1;
  return { low: low >= 1 ? low : null, high: high <= n ? high : null };
};
