/** Where values gather: the steps of a distribution function, as peaks of its smoothed density. */
import type { Random } from '../../kit/random.ts';
import { percentileInterval, RESAMPLES, resample } from './bootstrap.ts';
import type { Interval } from './interval.ts';
import { quantileOfCounts, type ValueCount } from './value-count.ts';

/** What counts as a mode; lengths in the unit of the values. */
export interface ModeRule {
  /** Standard deviation of the Gaussian kernel. Values closer than this look alike. */
  readonly bandwidth: number;
  /** Peaks closer than this are one. */
  readonly apart: number;
  /** Share of all values that a mode has at least. */
  readonly leastMass: number;
}

export interface Mode {
  /** The median of its values. */
  readonly position: number;
  /** From the 10 % to the 90 % quantile of its values. */
  readonly width: number;
  /** Its share of all values. */
  readonly mass: number;
  /** Where its values lie: the density there is over a tenth of the peak's. Both ends included. */
  readonly from: number;
  readonly to: number;
}

/** A mode with what resamples say of it. */
export interface SureMode extends Mode {
  /** 95 % interval of the position. */
  readonly positionInterval: Interval;
  readonly massInterval: Interval;
  /** Share of the resamples that have a mode there. */
  readonly found: number;
}

/** Bins of the density in one bandwidth. */
const FINENESS = 4;
/** Two peaks are one, too, if the density between them stays above this part of the lower one. */
const VALLEY = 0.5;
/** Values belong to a peak as far as the density stays above this part of it. */
const FOOT = 0.1;

const densityOf = (counts: readonly ValueCount[], origin: number, bins: number, width: number): Float64Array => {
  const kernel = Array.from({ length: 3 * FINENESS + 1 }, (_, i) => Math.exp(-0.5 * (i / FINENESS) ** 2));
  const histogram = new Float64Array(bins);
  for (const { value, count } of counts) histogram[Math.round((value - origin) / width)]! += count;
  const density = new Float64Array(bins);
  for (const [bin, count] of histogram.entries()) {
    if (count === 0) continue;
    for (let i = 1 - kernel.length; i < kernel.length; i++) {
      if (bin + i >= 0 && bin + i < bins) density[bin + i]! += count * kernel[Math.abs(i)]!;
    }
  }
  return density;
};

/** Bins of the peaks, and of the lowest place before each; neighbours that are one are put together. */
const findPeaks = (
  density: Float64Array,
  apart: number,
): readonly { readonly peak: number; readonly valley: number }[] => {
  const peaks: { peak: number; valley: number }[] = [];
  let valley = 0;
  for (let bin = 1; bin < density.length - 1; bin++) {
    if (density[bin]! < density[valley]!) valley = bin;
    if (!(density[bin]! > density[bin - 1]! && density[bin]! >= density[bin + 1]!)) continue;
    let found = { peak: bin, valley };
    for (let last = peaks.at(-1); last !== undefined; last = peaks.at(-1)) {
      const lower = Math.min(density[last.peak]!, density[found.peak]!);
      if (found.peak - last.peak >= apart && density[found.valley]! <= VALLEY * lower) break;
      found = { peak: density[last.peak]! >= density[found.peak]! ? last.peak : found.peak, valley: last.valley };
      peaks.pop();
    }
    peaks.push(found);
    valley = bin;
  }
  return peaks;
};

/**
 * The modes, ascending. The density is that of a Gaussian kernel over a grid of a quarter of the bandwidth; a mode is a peak
 * of it with the values around, as far as the density stays over a tenth of the peak and to the valley at most.
 *
 * Memory grows with (greatest - least) / bandwidth: the caller bounds the values.
 *
 * @param counts ascending
 * @example
 * findModes([{ value: 106, count: 7 }, { value: 114, count: 3 }], { bandwidth: 1, apart: 3, leastMass: 0.05 })
 * // positions 106 and 114, masses 0.7 and 0.3
 */
export const findModes = (
  counts: readonly ValueCount[],
  { bandwidth, apart, leastMass }: ModeRule,
): readonly Mode[] => {
  if (counts.length === 0) return [];
  const width = bandwidth / FINENESS;
  const margin = 3 * FINENESS + 1;
  const origin = counts[0]!.value - margin * width;
  const bins = Math.round((counts.at(-1)!.value - origin) / width) + margin + 1;
  const density = densityOf(counts, origin, bins, width);
  const peaks = findPeaks(density, apart / width);
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  return peaks.flatMap(({ peak, valley }, i) => {
    const foot = FOOT * density[peak]!;
    const end = peaks[i + 1]?.valley ?? bins - 1;
    let first = peak;
    let last = peak;
    while (first > valley && density[first - 1]! > foot) first--;
    while (last < end && density[last + 1]! > foot) last++;
    const from = origin + (first - 0.5) * width;
    const to = origin + (last + 0.5) * width;
    const own = counts.filter(({ value }) => value >= from && value <= to);
    const mass = own.reduce((sum, { count }) => sum + count, 0) / total;
    if (mass < leastMass) return [];
    const quantile = (p: number): number => quantileOfCounts(own, p)!;
    return [{ position: quantile(0.5), width: quantile(0.9) - quantile(0.1), mass, from, to }];
  });
};

/** The modes with their intervals and how surely they are there, by the bootstrap. */
export const findSureModes = (counts: readonly ValueCount[], rule: ModeRule, random: Random): readonly SureMode[] => {
  const again = Array.from({ length: RESAMPLES }, () => findModes(resample(counts, random), rule));
  return findModes(counts, rule).map((mode) => {
    const alike = again.flatMap((modes) => {
      const inside = modes.filter(({ position }) => position >= mode.from && position <= mode.to);
      return inside.length === 0 ? [] : [inside.reduce((most, one) => (one.mass > most.mass ? one : most))];
    });
    return {
      ...mode,
      positionInterval: percentileInterval(alike.map(({ position }) => position)),
      massInterval: percentileInterval(alike.map(({ mass }) => mass)),
      found: alike.length / RESAMPLES,
    };
  });
};
