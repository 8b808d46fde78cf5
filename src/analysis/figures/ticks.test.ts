import { expect, test } from 'vitest';
import { DAY, HOUR, SECOND } from '../../kit/time.ts';
import { decadesAround, roundTicks, timeTicks } from './ticks.ts';

test('bytes and durations have decades around their values', () => {
  expect(decadesAround('bytes', [0, 40, 1500])).toEqual({ domain: [10, 10_000], ticks: [10, 100, 1000, 10_000] });
  expect(decadesAround('duration_us', [2 * SECOND, 90 * SECOND]).ticks).toEqual([1e6, 1e7, 6e7, 6e8]);
});

test('an axis has two ends whatever the values', () => {
  expect(decadesAround('bytes', [0]).domain).toEqual([1, 10]);
  expect(decadesAround('bytes', [100]).domain).toEqual([100, 1000]);
  expect(decadesAround('bytes', []).domain).toEqual([1, 10]);
  expect(decadesAround('bytes', [1e30]).domain[1]).toBe(1e30);
});

test('a wide axis has no more labels than fit', () => {
  expect(decadesAround('duration_us', [1, 900 * DAY]).ticks.length).toBeLessThanOrEqual(9);
});

test('times are round in their zone and carry the date once', () => {
  const from = Date.UTC(2014, 1, 22, 17, 50) * 1000;
  expect(timeTicks(from, from + 6 * HOUR, 'UTC').map(({ label }) => label)).toEqual([
    '18:00\n22 Feb 2014',
    '19:00',
    '20:00',
    '21:00',
    '22:00',
    '23:00',
  ]);
  expect(timeTicks(from, from + 6 * HOUR, 'Asia/Kolkata').map(({ label }) => label)).toEqual([
    '00:00\n23 Feb 2014',
    '01:00',
    '02:00',
    '03:00',
    '04:00',
    '05:00',
  ]);
});

test('long ranges show days', () => {
  expect(timeTicks(0, 6 * DAY, 'UTC').map(({ label }) => label)[0]).toBe('1 Jan 1970');
});

test('a linear axis ends at the data and has round ticks', () => {
  expect(roundTicks(118_300)).toEqual({ domain: [0, 118_300], ticks: [0, 20_000, 40_000, 60_000, 80_000, 100_000] });
  expect(roundTicks(7).ticks).toEqual([0, 2, 4, 6]);
  expect(roundTicks(0)).toEqual({ domain: [0, 1], ticks: expect.any(Array) });
});
