/** Bins of time: round widths, aligned to the epoch, few enough to draw. */
import { DAY, HOUR, MINUTE, SECOND } from '../kit/time.ts';

const widths = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 7, 28, 364].map((n) => n * DAY),
];

// A month by the hour, a pixel each at the width of a page.
const MOST_BINS = 744;

/** Times `originUs + i * widthUs` for i in [0, count) start the bins. All in microseconds. */
export interface Bins {
  readonly originUs: number;
  readonly widthUs: number;
  readonly count: number;
}

/**
 * The narrowest round bins, at most 745 of them, that cover [fromUs, untilUs).
 *
 * @param leastUs the narrowest width allowed, one of the round ones
 */
export const chooseBins = (fromUs: number, untilUs: number, leastUs: number = SECOND): Bins => {
  const span = untilUs - fromUs;
  const fitting = widths.find((width) => width >= leastUs && span / width <= MOST_BINS);
  const widthUs = fitting ?? Math.ceil(span / MOST_BINS / DAY) * DAY;
  const originUs = Math.floor(fromUs / widthUs) * widthUs;
  return { originUs, widthUs, count: Math.max(1, Math.ceil((untilUs - originUs) / widthUs)) };
};

/** A stretch of time, both ends included, UTC microseconds. */
export interface Range {
  readonly firstUs: number;
  readonly lastUs: number;
}

/**
 * Which bins some range touches: outside of them nothing was measured, and a value there is missing, not 0.
 * Without any range (rows that no import brought) all bins count as measured.
 */
export const measuredBins = (bins: Bins, ranges: readonly Range[]): readonly boolean[] => {
  const measured = new Array<boolean>(bins.count).fill(ranges.length === 0);
  for (const { firstUs, lastUs } of ranges) {
    const first = Math.max(0, Math.floor((firstUs - bins.originUs) / bins.widthUs));
    const last = Math.min(bins.count - 1, Math.floor((lastUs - bins.originUs) / bins.widthUs));
    if (first <= last) measured.fill(true, first, last + 1);
  }
  return measured;
};

/** Which bins were measured and have measured neighbours: of the others, only a part may have been. */
export const innerBins = (measured: readonly boolean[]): readonly boolean[] =>
  measured.map((seen, bin) => seen && measured[bin - 1] === true && measured[bin + 1] === true);
