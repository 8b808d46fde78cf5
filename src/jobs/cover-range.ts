/** Which rows of which rollup make up a range: wide bins where they are whole and up to date, narrower ones, tickets. */
import { allTime, type TimeRange, type TimeSet, wholeSteps, without } from './time-set.ts';

/** A rollup, by the width of its bins and by what it lacks. */
export interface Level {
  readonly widthUs: number;
  /** The parts of `reported_at` for which its rows do not stand. A wider level lacks what a narrower one does. */
  readonly lacks: TimeSet;
}

/** Rows of a level (0 is the tickets) that happened in `happened` and were reported in `reported`. */
export interface Part {
  readonly level: number;
  readonly happened: TimeRange;
  readonly reported: TimeSet;
}

/**
 * Parts of which each row of the range is in exactly one.
 *
 * @param levels those with bins, each a multiple of the one before
 */
export const coverRange = (range: TimeRange, levels: readonly Level[]): readonly Part[] => {
  const rungs = [
    { happened: range.from < range.until ? range : undefined, reported: allTime },
    ...levels.map(({ widthUs, lacks }) => ({
      happened: wholeSteps(range, widthUs),
      reported: without(allTime, lacks),
    })),
  ];
  return rungs.flatMap(({ happened, reported }, level): readonly Part[] => {
    if (happened === undefined) return [];
    const above = rungs[level + 1];
    const inner = above?.happened;
    const outside = without([happened], inner === undefined ? [] : [inner]);
    return [
      ...outside.map((edge) => ({ level, happened: edge, reported })),
      ...(inner === undefined ? [] : [{ level, happened: inner, reported: without(reported, above!.reported) }]),
    ].filter((part) => part.reported.length > 0);
  });
};
