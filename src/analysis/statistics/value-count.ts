/** A value and how often it occurred: what rollups keep of a distribution. */

export interface ValueCount {
  readonly value: number;
  readonly count: number;
}

/** Counts by value, ascending: values that occur in several rows are added up. */
export const toValueCounts = (rows: Iterable<ValueCount>): readonly ValueCount[] => {
  const counts = new Map<number, number>();
  for (const { value, count } of rows) counts.set(value, (counts.get(value) ?? 0) + count);
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => a.value - b.value);
};

/**
 * The nearest-rank quantile (Hyndman and Fan, type 1): the least value that a share `p` in (0, 1] does not exceed.
 * undefined without values.
 *
 * @param counts ascending
 * @example quantileOfCounts([{ value: 1, count: 3 }, { value: 9, count: 1 }], 0.5) // 1
 */
export const quantileOfCounts = (counts: readonly ValueCount[], p: number): number | undefined => {
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  let upTo = 0;
  for (const { value, count } of counts) {
    upTo += count;
    if (upTo > 0 && upTo >= p * total) return value;
  }
  return undefined;
};
