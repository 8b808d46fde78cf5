import { expect, test } from 'vitest';
import { joinRanges } from './time-ranges.ts';

test('ranges that overlap or meet are one, in the order of time', () => {
  expect(
    joinRanges([
      [50, 60],
      [0, 10],
      [5, 7],
      [10, 20],
    ]),
  ).toEqual([
    [0, 20],
    [50, 60],
  ]);
  expect(joinRanges([])).toEqual([]);
});

test('of too many, the widest gaps stay', () => {
  const ranges = [0, 10, 11, 100, 102, 103].map((at) => [at, at] as const);
  expect(joinRanges(ranges, 3)).toEqual([
    [0, 0],
    [10, 11],
    [100, 103],
  ]);
  expect(joinRanges(ranges, 1)).toEqual([[0, 103]]);
});
