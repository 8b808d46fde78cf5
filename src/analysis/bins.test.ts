import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../kit/time.ts';
import { chooseBins, innerBins, measuredBins } from './bins.ts';

test('bins are round, aligned, cover the span, and are never more than a series may have', () => {
  const from = 1_432_582_227_604_482;
  for (const span of [1, SECOND, 3 * MINUTE, HOUR, DAY, 30 * DAY, 400 * DAY, 100_000 * DAY]) {
    const { originUs, widthUs, count } = chooseBins(from, from + span);
    expect(originUs % widthUs).toBe(0);
    expect(originUs).toBeLessThanOrEqual(from);
    expect(originUs + count * widthUs).toBeGreaterThanOrEqual(from + span);
    expect(originUs + (count - 1) * widthUs).toBeLessThan(from + span);
    expect(count).toBeLessThanOrEqual(745);
  }
});

test('a day is shown in bins of two minutes, a month in bins of an hour', () => {
  expect(chooseBins(0, DAY)).toEqual({ originUs: 0, widthUs: 2 * MINUTE, count: 720 });
  expect(chooseBins(0, 31 * DAY)).toEqual({ originUs: 0, widthUs: HOUR, count: 744 });
});

test('counters are never cut finer than their minute', () => {
  expect(chooseBins(90 * SECOND, 100 * SECOND, MINUTE)).toEqual({ originUs: MINUTE, widthUs: MINUTE, count: 1 });
});

test('a bin that no import touches was not measured', () => {
  const bins = { originUs: 0, widthUs: 10, count: 5 };
  const ranges = [
    { firstUs: 3, lastUs: 10 },
    { firstUs: 45, lastUs: 99 },
    { firstUs: 200, lastUs: 300 },
  ];
  expect(measuredBins(bins, ranges)).toEqual([true, true, false, false, true]);
  expect(measuredBins(bins, [])).toEqual([true, true, true, true, true]);
});

test('a bin beside one that was not measured may be measured in part only', () => {
  expect(innerBins([true, true, true, false, true, true])).toEqual([false, true, false, false, false, false]);
});
