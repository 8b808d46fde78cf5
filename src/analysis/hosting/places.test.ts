import { expect, test } from 'vitest';
import { leastDistanceKm } from './places.ts';

test.each([
  // Known distances: Madrid to Casablanca 830 km, Sydney to Auckland 2,150, Tokyo to Honolulu left out, Lisbon to New York 5,400.
  ['DE', 'AT', 0, 300],
  ['ES', 'MA', 0, 600],
  ['AU', 'NZ', 0, 2150],
  ['PT', 'US', 2500, 5400],
  ['GB', 'JP', 7000, 9600],
  ['DE', 'SG', 8500, 10_400],
  ['BR', 'JP', 12_000, 18_600],
  ['HK', 'SG', 2400, 2600],
])('%s and %s are apart at least %i km, and not more than their cities are', (one, other, least, most) => {
  const distance = leastDistanceKm(one, other)!;
  expect(distance).toBe(leastDistanceKm(other, one));
  expect(distance).toBeGreaterThanOrEqual(least);
  expect(distance).toBeLessThanOrEqual(most);
});

test('a country is not apart from itself, and one that is not known says nothing', () => {
  expect(leastDistanceKm('US', 'US')).toBe(0);
  expect(leastDistanceKm('US', 'XX')).toBeUndefined();
  expect(leastDistanceKm('', 'US')).toBeUndefined();
});
