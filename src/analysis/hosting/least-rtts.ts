/** The least RTT of each server, as counts by value: what cards on distance rest on. */
import { numberOf, numberOrNull, type Row, textOf } from '../query.ts';
import type { ValueCount } from '../statistics/value-count.ts';

/** Servers of a class, a country, or all. */
export interface LeastRtts {
  readonly name: string;
  /** Microseconds, ascending. */
  readonly counts: readonly ValueCount[];
  /** Servers with a value. */
  readonly n: number;
  /** Servers that have an RTT, but from too few handshakes, or one over 10 s. */
  readonly leftOut: number;
}

/** The groups of a level of the query `rtt`, those with most servers first. */
export const leastRttsOf = (rows: readonly Row[], level: 'all' | 'class' | 'country'): readonly LeastRtts[] => {
  const groups = new Map<string, { name: string; counts: ValueCount[]; n: number; leftOut: number }>();
  for (const row of rows) {
    if (textOf(row, 'level') !== level) continue;
    const name = textOf(row, 'name');
    const group = groups.get(name) ?? { name, counts: [], n: 0, leftOut: 0 };
    groups.set(name, group);
    const value = numberOrNull(row, 'rtt_us');
    const count = numberOf(row, 'addresses');
    if (value === null) group.leftOut += count;
    else {
      group.counts.push({ value, count });
      group.n += count;
    }
  }
  return [...groups.values()].sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1));
};
