import { expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
import { kaplanMeier, survivalQuantile } from './kaplan-meier.ts';

/** Remission under 6-MP (Freireich et al. 1963), weeks: the textbook example of the estimator. */
const remissions = [
  ...[
    [6, 3, 1],
    [7, 1, 0],
    [9, 0, 1],
    [10, 1, 1],
    [11, 0, 1],
    [13, 1, 0],
    [16, 1, 0],
    [17, 0, 1],
  ],
  ...[
    [19, 0, 1],
    [20, 0, 1],
    [22, 1, 0],
    [23, 1, 0],
    [25, 0, 1],
    [32, 0, 2],
    [34, 0, 1],
    [35, 0, 1],
  ],
].map(([at, events, censored]) => ({ at: at!, events: events!, censored: censored! }));

test('the published curve of 21 remissions, 12 of them censored', () => {
  const steps = kaplanMeier(remissions);
  expect(steps.map(({ at, atRisk, survival }) => [at, atRisk, survival.toFixed(3)])).toEqual([
    [6, 21, '0.857'],
    [7, 17, '0.807'],
    [10, 15, '0.753'],
    [13, 12, '0.690'],
    [16, 11, '0.627'],
    [22, 7, '0.538'],
    [23, 6, '0.448'],
  ]);
  const { low, high } = steps[0]!.interval;
  expect([low!.toFixed(3), high!.toFixed(3)]).toEqual(['0.620', '0.952']);
  expect(survivalQuantile(steps, 0.5)).toBe(23);
  expect(survivalQuantile(steps, 0.6)).toBe(null);
});

test('without censoring it is one less the distribution function', () => {
  const steps = kaplanMeier([1, 2, 3, 4].map((at) => ({ at, events: 1, censored: 0 })));
  expect(steps.map(({ survival }) => survival)).toEqual([0.75, 0.5, 0.25, 0]);
  expect(steps.at(-1)!.interval).toEqual({ low: null, high: null });
});

test('it finds the median under censoring that leaves out half of the units', () => {
  const random = new Random(9);
  const times = new Map<number, { at: number; events: number; censored: number }>();
  for (let i = 0; i < 20_000; i++) {
    const [event, end] = [random.exponential(100), random.exponential(100)];
    const at = Math.ceil(Math.min(event, end));
    const time = times.get(at) ?? { at, events: 0, censored: 0 };
    times.set(at, event <= end ? { ...time, events: time.events + 1 } : { ...time, censored: time.censored + 1 });
  }
  const steps = kaplanMeier([...times.values()].sort((a, b) => a.at - b.at));
  expect(Math.abs(survivalQuantile(steps, 0.5)! - 100 * Math.LN2)).toBeLessThan(4);
});
