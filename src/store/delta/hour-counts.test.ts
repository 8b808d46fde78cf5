import { expect, test } from 'vitest';
import { HOUR } from '../../kit/time.ts';
import { formatHours, HourCounter, parseHours } from './hour-counts.ts';

test('rows count in the hour in which they were reported, whatever their order', () => {
  const counter = new HourCounter();
  for (const at of [5 * HOUR, 6 * HOUR - 1, 6 * HOUR, Number.NaN, 5 * HOUR + 1, -1]) counter.add(at);
  const counts = counter.end()!;
  expect([...counts]).toEqual([
    [5 * HOUR, 3],
    [6 * HOUR, 1],
    [-HOUR, 1],
  ]);
  expect(formatHours(counts)).toBe('5:3 6:1 -1:1');
  expect(parseHours('5:3 6:1 -1:1')).toEqual(counts);
});

test('a segment over too many hours says nothing, one without rows says so', () => {
  const counter = new HourCounter();
  for (let hour = 0; hour < 257; hour++) counter.add(hour * HOUR);
  expect(counter.end()).toBeUndefined();
  expect(new HourCounter().end()).toEqual(new Map());
  expect(parseHours('')).toEqual(new Map());
});

test.each([undefined, 7, '1', '1:', '1:2 ', '1:2,3:4', 'x:1', '1:-1', '12345678901:1'])('%j is none', (text) => {
  expect(parseHours(text)).toBeUndefined();
});
