/** Sets of time: ranges, in order, that do not touch each other. */

/** [from, until), UTC microseconds; either may be infinite. */
export interface TimeRange {
  readonly from: number;
  readonly until: number;
}

export type TimeSet = readonly TimeRange[];

export const allTime: TimeSet = [{ from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }];

/** What is in any of the ranges, whatever their order. */
export const unite = (ranges: readonly TimeRange[]): TimeSet => {
  const united: { from: number; until: number }[] = [];
  for (const { from, until } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (from >= until) continue;
    const last = united.at(-1);
    if (last !== undefined && from <= last.until) last.until = Math.max(last.until, until);
    else united.push({ from, until });
  }
  return united;
};

/** What is in the first set and not in the second. */
export const without = (set: TimeSet, removed: TimeSet): TimeSet =>
  set.flatMap((range) => {
    const left: TimeRange[] = [];
    let { from } = range;
    for (const hole of removed) {
      if (hole.until <= from || hole.from >= range.until) continue;
      if (hole.from > from) left.push({ from, until: hole.from });
      from = Math.max(from, hole.until);
    }
    if (from < range.until) left.push({ from, until: range.until });
    return left;
  });

/** The steps, aligned to 1970, that the set touches. */
export const widen = (set: TimeSet, step: number): TimeSet =>
  unite(
    set.map(({ from, until }) => ({ from: Math.floor(from / step) * step, until: Math.ceil(until / step) * step })),
  );

/** The whole steps inside of a range; undefined if there is none. */
export const wholeSteps = ({ from, until }: TimeRange, step: number): TimeRange | undefined => {
  const inner = { from: Math.ceil(from / step) * step, until: Math.floor(until / step) * step };
  return inner.from < inner.until ? inner : undefined;
};
