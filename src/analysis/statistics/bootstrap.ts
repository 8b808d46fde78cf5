/** Bootstrap intervals (Efron 1979) over counted values: each count is drawn anew, so the cost does not grow with the sample. */
import type { Random } from '../../kit/random.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { quantileOfCounts, toValueCounts, type ValueCount } from './value-count.ts';

/** Enough for the ends of a 95 % interval: five resamples lie beyond each. */
export const RESAMPLES = 200;

/** From here on the normal distribution stands in for Poisson's: their quantiles differ by less than a unit. */
const MANY = 50;

const drawPoisson = (random: Random, mean: number): number => {
  if (mean >= MANY) return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
  // As many events as fit into one unit of time, one every 1 / mean.
  let events = -1;
  for (let time = 0; time <= 1; time += random.exponential(1 / mean)) events++;
  return events;
};

/**
 * The counts of one resample: each Poisson with the observed count as its mean (Hanley and MacGibbon 2006). Its size varies
 * around n by sqrt(n), which is nothing to statistics that do not add up: quantiles, shares, modes.
 */
export const resample = <C extends ValueCount>(counts: readonly C[], random: Random): readonly C[] =>
  counts.flatMap((one) => {
    const count = one.count === 0 ? 0 : drawPoisson(random, one.count);
    return count === 0 ? [] : [{ ...one, count }];
  });

/** The middle 95 % of what resamples gave; open without any. */
export const percentileInterval = (statistics: readonly number[]): Interval => {
  const counts = toValueCounts(statistics.map((value) => ({ value, count: 1 })));
  const tail = (1 - CONFIDENCE) / 2;
  return {
    low: quantileOfCounts(counts, tail) ?? null,
    high: quantileOfCounts(counts, 1 - tail) ?? null,
  };
};

/**
 * The 95 % percentile interval of a statistic.
 *
 * @param statistic undefined where a resample has none; such resamples are left out
 * @param random seeded by the caller: the same seed gives the same interval
 */
export const bootstrapInterval = <C extends ValueCount>(
  counts: readonly C[],
  statistic: (counts: readonly C[]) => number | undefined,
  random: Random,
): Interval => {
  const found: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const value = statistic(resample(counts, random));
    if (value !== undefined) found.push(value);
  }
  return percentileInterval(found);
};
