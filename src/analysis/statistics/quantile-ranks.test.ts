import { expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
import { binomialQuantile } from './binomial.ts';
import { quantileRanks } from './quantile-ranks.ts';

/** P(B <= k) by whole binomial coefficients. */
const exactCdf = (n: number, p: number, k: number): number => {
  let coefficient = 1n;
  let sum = 0;
  for (let i = 0; i <= k; i++) {
    sum += Number(coefficient) * p ** i * (1 - p) ** (n - i);
    coefficient = (coefficient * BigInt(n - i)) / BigInt(i + 1);
  }
  return sum;
};

test.each([1, 2, 7, 40, 100])('binomial quantiles equal the sums of whole coefficients: n = %i', (n) => {
  for (const p of [0.01, 0.1, 0.5, 0.77, 0.99])
    for (const q of [0.025, 0.3, 0.975]) {
      let k = 0;
      while (exactCdf(n, p, k) < q) k++;
      expect(binomialQuantile(n, p, q), `${p} ${q}`).toBe(k);
    }
});

test('of 50 million trials the quantiles are those of the normal distribution', () => {
  const [n, p] = [50e6, 0.9];
  expect(binomialQuantile(n, p, 0.975)).toBeCloseTo(n * p + 1.959964 * Math.sqrt(n * p * (1 - p)), -1);
});

test('the published ranks of the median of 100 values, and none where the sample is too small', () => {
  expect(quantileRanks(100, 0.5)).toEqual({ low: 40, high: 61 });
  expect(quantileRanks(5, 0.5)).toEqual({ low: null, high: null });
  expect(quantileRanks(367, 0.99).high).toBe(null);
  expect(quantileRanks(368, 0.99).high).toBe(368);
});

test('the interval covers the true quantile at least as often as it says, for a skewed distribution', () => {
  const random = new Random(20140222);
  const trueQuantile = Math.exp(1.2816 * 1.5);
  let covered = 0;
  for (let i = 0; i < 400; i++) {
    const sample = Array.from({ length: 200 }, () => random.logNormal(1, 1.5)).sort((a, b) => a - b);
    const { low, high } = quantileRanks(200, 0.9);
    if (sample[low! - 1]! <= trueQuantile && trueQuantile <= sample[high! - 1]!) covered++;
  }
  // 400 draws of 95 %: four standard deviations are 4.4 %.
  expect(covered / 400).toBeGreaterThan(0.906);
});
