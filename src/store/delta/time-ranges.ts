/** Stretches of time, few enough to be kept for good. */

/** The first and the last moment, both within; UTC microseconds. */
export type TimeRange = readonly [first: number, last: number];

/** A list of more is made shorter by its narrowest gaps. */
const MOST = 256;

/** Ranges in order, those that overlap as one, and where there are too many those that lie closest together. */
export const joinRanges = (ranges: readonly TimeRange[], most = MOST): readonly TimeRange[] => {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  const joined: [number, number][] = [];
  for (const [first, last] of sorted) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1]) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  if (joined.length <= most) return joined;
  const gaps = joined.slice(1).map(([first], i) => ({ i, width: first - joined[i]![1] }));
  const kept = new Set(
    gaps
      .sort((a, b) => b.width - a.width)
      .slice(0, most - 1)
      .map(({ i }) => i),
  );
  const ends = [...[...kept].sort((a, b) => a - b), joined.length - 1];
  return ends.map((end, i) => [joined[i === 0 ? 0 : ends[i - 1]! + 1]![0], joined[end]![1]]);
};
