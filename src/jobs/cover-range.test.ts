import { expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import { coverRange, type Part } from './cover-range.ts';
import { type TimeSet, unite, widen } from './time-set.ts';

const isIn = (at: number, set: TimeSet): boolean => set.some(({ from, until }) => at >= from && at < until);

const levelsOf = (parts: readonly Part[], happenedAt: number, reportedAt: number): readonly number[] =>
  parts
    .filter(({ happened, reported }) => isIn(happenedAt, [happened]) && isIn(reportedAt, reported))
    .map((p) => p.level);

test('whole days come from days, whole hours from hours, and the edges from tickets', () => {
  const parts = coverRange({ from: 5, until: 305 }, [
    { widthUs: 10, lacks: [] },
    { widthUs: 100, lacks: [] },
  ]);
  const placesOf = (level: number) =>
    parts.filter((part) => part.level === level).map(({ happened: { from, until } }) => [from, until]);
  expect(placesOf(0)).toEqual([
    [5, 10],
    [300, 305],
  ]);
  expect(placesOf(1)).toEqual([[10, 100]]);
  expect(placesOf(2)).toEqual([[100, 300]]);
});

test('what was reported in windows that are not up to date comes from below', () => {
  const parts = coverRange({ from: 0, until: 200 }, [
    { widthUs: 10, lacks: [{ from: 110, until: 120 }] },
    { widthUs: 100, lacks: [{ from: 100, until: 200 }] },
  ]);
  expect(levelsOf(parts, 50, 99)).toEqual([2]);
  expect(levelsOf(parts, 50, 100)).toEqual([1]);
  expect(levelsOf(parts, 50, 119)).toEqual([0]);
  expect(levelsOf(parts, 50, 200)).toEqual([2]);
});

test('every row of a range is in one part, whatever the range and what lacks; no other row is in any', () => {
  const random = new Random(7);
  for (let round = 0; round < 300; round++) {
    const range = { from: random.between(0, 400), until: random.between(0, 400) };
    const some = (step: number) =>
      Array.from({ length: random.between(0, 3) }, () => {
        const from = step * random.between(-2, 400 / step);
        return { from, until: from + step * random.between(1, 3) };
      });
    const hours = unite(some(10));
    const levels = [
      { widthUs: 10, lacks: hours },
      { widthUs: 100, lacks: unite([...some(100), ...widen(hours, 100)]) },
    ].slice(0, random.between(0, 2));
    const parts = coverRange(range, levels);
    for (let i = 0; i < 40; i++) {
      const happenedAt = random.between(-10, 410);
      const reportedAt = random.between(-20, 500);
      const found = levelsOf(parts, happenedAt, reportedAt);
      expect(found.length).toBe(isIn(happenedAt, [range]) ? 1 : 0);
      for (const level of found) if (level > 0) expect(isIn(reportedAt, levels[level - 1]!.lacks)).toBe(false);
    }
  }
});
