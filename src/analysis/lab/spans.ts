/** Stretches of time as lists: sorted, apart from each other, each [from, until). */

export type Span = readonly [from: number, until: number];

/** The spans that some stretches cover together; the stretches are sorted by their beginning. */
export const unite = (stretches: Iterable<Span>): readonly Span[] => {
  const united: [number, number][] = [];
  for (const [from, until] of stretches) {
    const last = united.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], until);
    else if (until > from) united.push([from, until]);
  }
  return united;
};

export const lengthOf = (spans: readonly Span[]): number => spans.reduce((sum, [from, until]) => sum + until - from, 0);

/** What of both. */
export const intersect = (some: readonly Span[], others: readonly Span[]): readonly Span[] => {
  const both: Span[] = [];
  for (let i = 0, j = 0; i < some.length && j < others.length; ) {
    const [a, b] = [some[i]!, others[j]!];
    const [from, until] = [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
    if (from < until) both.push([from, until]);
    if (a[1] < b[1]) i++;
    else j++;
  }
  return both;
};
