/** Small sums over rows. */

export const sumOf = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);

/** part / whole; null where the whole is 0, for then no share is observed. */
export const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
