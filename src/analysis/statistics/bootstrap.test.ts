import { expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
import { bootstrapInterval, resample } from './bootstrap.ts';
import { quantileOfCounts, toValueCounts } from './value-count.ts';

const sampleOf = (random: Random, n: number) =>
  toValueCounts(Array.from({ length: n }, () => ({ value: Math.floor(random.logNormal(100, 1)), count: 1 })));

test('counts are drawn around what was observed, small and large ones alike', () => {
  const random = new Random(3);
  const mean = (count: number): number => {
    let sum = 0;
    for (let i = 0; i < 2000; i++) sum += resample([{ value: 1, count }], random)[0]?.count ?? 0;
    return sum / 2000;
  };
  for (const count of [1, 5, 49, 50, 4000])
    expect(Math.abs(mean(count) - count)).toBeLessThan(5 * Math.sqrt(count / 2000));
});

test('the interval of a median covers the true one in 95 of 100 samples, about', () => {
  const random = new Random(11);
  let covered = 0;
  for (let i = 0; i < 150; i++) {
    const { low, high } = bootstrapInterval(sampleOf(random, 150), (counts) => quantileOfCounts(counts, 0.5), random);
    if (low! <= 100 && 99 <= high!) covered++;
  }
  expect(covered / 150).toBeGreaterThan(0.87);
});

test('the same seed gives the same interval, and a statistic that never holds gives an open one', () => {
  const counts = sampleOf(new Random(5), 40);
  const median = (seed: number) => bootstrapInterval(counts, (some) => quantileOfCounts(some, 0.5), new Random(seed));
  expect(median(1)).toEqual(median(1));
  expect(bootstrapInterval(counts, () => undefined, new Random(1))).toEqual({ low: null, high: null });
});
