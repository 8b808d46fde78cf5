import { expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
import { shareOfSum } from './share-of-sum.ts';
import { wilson } from './wilson.ts';

test('the published example of Newcombe (1998): 81 of 263', () => {
  const { low, high } = wilson(81, 263);
  expect([low!.toFixed(4), high!.toFixed(4)]).toEqual(['0.2553', '0.3662']);
  expect(wilson(0, 20).low).toBe(0);
  expect(wilson(0, 20).high!.toFixed(3)).toBe('0.161');
  expect(wilson(0, 0)).toEqual({ low: null, high: null });
});

test('a share of a sum covers the truth of its population, and is wider than that of as many equal units', () => {
  const random = new Random(7);
  // Half of the units are of the part, with twice the mean of the others: two thirds of the sum.
  let covered = 0;
  let widths = 0;
  for (let i = 0; i < 400; i++) {
    const part = { sum: 0, squares: 0 };
    const whole = { sum: 0, squares: 0 };
    for (let unit = 0; unit < 500; unit++) {
      const isPart = random.chance(0.5);
      const value = random.exponential(isPart ? 2 : 1);
      for (const moments of isPart ? [part, whole] : [whole]) {
        moments.sum += value;
        moments.squares += value * value;
      }
    }
    const { low, high } = shareOfSum(part, whole);
    if (low! <= 2 / 3 && 2 / 3 <= high!) covered++;
    widths += (high! - low!) / 400;
  }
  expect(covered / 400).toBeGreaterThan(0.906);
  expect(widths).toBeGreaterThan(wilson(333, 500).high! - wilson(333, 500).low!);
  expect(shareOfSum({ sum: 0, squares: 0 }, { sum: 0, squares: 0 })).toEqual({ low: null, high: null });
});
