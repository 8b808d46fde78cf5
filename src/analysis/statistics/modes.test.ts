import { expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
import { findModes, findSureModes } from './modes.ts';
import { toValueCounts } from './value-count.ts';

const rule = { bandwidth: 1, apart: 3, leastMass: 0.05 };
const countsOf = (values: readonly number[]) => toValueCounts(values.map((value) => ({ value, count: 1 })));

test('two heaps are two modes, with their median, width and mass', () => {
  const modes = findModes(countsOf([105, 106, 106, 106, 107, 114, 114, 115]), rule);
  expect(modes.map(({ position, width, mass }) => ({ position, width, mass }))).toEqual([
    { position: 106, width: 2, mass: 5 / 8 },
    { position: 114, width: 1, mass: 3 / 8 },
  ]);
});

test('peaks nearer than they may be are one; a heap too small is none; nothing has no mode', () => {
  expect(findModes(countsOf([10, 10, 10, 12.5, 12.5]), rule)).toHaveLength(1);
  expect(findModes([...countsOf(new Array(99).fill(10)), { value: 50, count: 1 }], rule)).toHaveLength(1);
  expect(findModes([], rule)).toEqual([]);
  expect(findModes([{ value: 5, count: 3 }], rule)).toMatchObject([{ position: 5, width: 0, mass: 1 }]);
});

test.each([1, 2, 3])('planted modes over a flat rest are found, with intervals around the truth: seed %i', (seed) => {
  const random = new Random(seed);
  const values = Array.from({ length: 400 }, () => {
    const at = random.weighted([106, 114, undefined], (one) => ({ 106: 6, 114: 3 })[one ?? 0] ?? 1);
    const value = at === undefined ? random.unit() * 200 : at + random.exponential(0.6);
    return Math.round(value * 10) / 10;
  });
  const modes = findSureModes(countsOf(values), rule, random);
  expect(modes).toHaveLength(2);
  for (const [i, [at, mass]] of (
    [
      [106, 0.6],
      [114, 0.3],
    ] as const
  ).entries()) {
    const { position, positionInterval, massInterval, found } = modes[i]!;
    // The median of the planted delays over the floor is 0.42.
    expect(Math.abs(position - at - 0.42)).toBeLessThan(0.3);
    expect(positionInterval.low!).toBeLessThanOrEqual(at + 0.6);
    expect(positionInterval.high!).toBeGreaterThanOrEqual(at + 0.3);
    expect(massInterval.low!).toBeLessThan(mass + 0.02);
    expect(massInterval.high!).toBeGreaterThan(mass - 0.02);
    expect(found).toBeGreaterThan(0.95);
  }
});
