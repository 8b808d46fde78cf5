import { expect, test } from 'vitest';
import { Random } from './random.ts';

const draw = (random: Random): number[] => Array.from({ length: 20_000 }, () => random.unit());
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('the same seed gives the same numbers, another seed others', () => {
  expect(draw(new Random(7))).toEqual(draw(new Random(7)));
  expect(draw(new Random(7))).not.toEqual(draw(new Random(8)));
});

test('a fork depends on the seed and its number, not on what was drawn before', () => {
  const drained = new Random(7);
  draw(drained);
  expect(draw(drained.fork(3))).toEqual(draw(new Random(7).fork(3)));
  expect(draw(new Random(7).fork(3))).not.toEqual(draw(new Random(7).fork(4)));
});

test.each([1, 2, 3])('seed %d: numbers have the moments of their distribution', (seed) => {
  const random = new Random(seed);
  const units = draw(random);
  expect(meanOf(units)).toBeCloseTo(1 / 2, 1);
  expect(meanOf(units.map((u) => u * u))).toBeCloseTo(1 / 3, 1);
  expect(Math.min(...units)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...units)).toBeLessThan(1);
  const sample = (one: () => number): number[] => Array.from({ length: 20_000 }, one);
  expect(meanOf(sample(() => random.exponential(10))) / 10).toBeCloseTo(1, 1);
  expect(meanOf(sample(() => Number(random.logNormal(70, 1.5) < 70)))).toBeCloseTo(1 / 2, 1);
  expect(meanOf(sample(() => Math.log(random.logNormal(1, 2)) ** 2)) / 4).toBeCloseTo(1, 1);
  expect(meanOf(sample(() => random.weighted([1, 3], (weight) => weight)))).toBeCloseTo(0.25 + 3 * 0.75, 1);
  expect(new Set(sample(() => random.between(3, 6)))).toEqual(new Set([3, 4, 5, 6]));
});
