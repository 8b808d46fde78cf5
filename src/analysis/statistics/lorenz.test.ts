import { expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
import { gini, heldByTop, lorenzCurve } from './lorenz.ts';
import { toValueCounts } from './value-count.ts';

test('equal units: the diagonal, no inequality', () => {
  const curve = lorenzCurve([{ value: 7, count: 10 }])!;
  expect(curve).toEqual([
    { units: 0, sum: 0 },
    { units: 1, sum: 1 },
  ]);
  expect(gini(curve)).toBe(0);
  expect(heldByTop(curve, 0.1)).toBeCloseTo(0.1, 12);
});

test('one of a hundred has everything', () => {
  const curve = lorenzCurve([
    { value: 0, count: 99 },
    { value: 5, count: 1 },
  ])!;
  expect(gini(curve)).toBeCloseTo(0.99, 12);
  expect(heldByTop(curve, 0.01)).toBeCloseTo(1, 12);
  expect(heldByTop(curve, 0.005)).toBeCloseTo(0.5, 12);
  expect(heldByTop(curve, 1)).toBe(1);
});

test('a sum of 0 is spread over nothing', () => {
  expect(lorenzCurve([{ value: 0, count: 9 }])).toBeUndefined();
});

test.each([1, 2, 3])('Gini is half of the relative mean difference, as it was defined: seed %i', (seed) => {
  const random = new Random(seed);
  const values = Array.from({ length: 300 }, () => Math.floor(random.logNormal(50, 1.3)));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const differences = values.reduce((sum, a) => values.reduce((inner, b) => inner + Math.abs(a - b), sum), 0);
  const curve = lorenzCurve(toValueCounts(values.map((value) => ({ value, count: 1 }))))!;
  expect(gini(curve)).toBeCloseTo(differences / values.length ** 2 / (2 * mean), 9);
  const heaviest = values.sort((a, b) => b - a).slice(0, 30);
  expect(heldByTop(curve, 0.1)).toBeCloseTo(heaviest.reduce((sum, value) => sum + value, 0) / (300 * mean), 9);
});
