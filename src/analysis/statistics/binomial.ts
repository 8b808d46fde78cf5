/** Quantiles of the binomial distribution, exact but for rounding, for any n that is counted. */

// Weights below this share of the greatest one do not move a sum of doubles.
const NEGLIGIBLE = 1e-18;

/**
 * The least k with P(B <= k) >= q, where B counts the successes of n trials of probability p in (0, 1).
 *
 * The weights are computed relative to that of the mode, outwards, so that nothing under- or overflows; there are some
 * ten standard deviations of them: 70,000 for n = 50 million.
 *
 * @example binomialQuantile(100, 0.5, 0.025) // 40
 */
export const binomialQuantile = (n: number, p: number, q: number): number => {
  const odds = p / (1 - p);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const below: number[] = [];
  for (let k = mode, weight = 1; k > 0; k--) {
    weight *= k / ((n - k + 1) * odds);
    if (weight < NEGLIGIBLE) break;
    below.push(weight);
  }
  const fromMode = [1];
  for (let k = mode, weight = 1; k < n; k++) {
    weight *= ((n - k) * odds) / (k + 1);
    if (weight < NEGLIGIBLE) break;
    fromMode.push(weight);
  }
  // From the small weights to the large ones on each side, so that the tails keep their digits.
  const weights = [...below.reverse(), ...fromMode];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let upTo = 0;
  for (const [i, weight] of weights.entries()) {
    upTo += weight;
    if (upTo >= q * total) return mode - below.length + i;
  }
  return mode + fromMode.length - 1;
};
