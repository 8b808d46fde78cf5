/** How unevenly a sum is spread over units (Lorenz 1905, Gini 1912). */
import type { ValueCount } from './value-count.ts';

/** The lightest share `units` of all units has the share `sum` of the sum. */
export interface LorenzPoint {
  readonly units: number;
  readonly sum: number;
}

/** The curve from (0, 0) to (1, 1), one point more than values; undefined where the sum is 0. Values ascend and are not negative. */
export const lorenzCurve = (counts: readonly ValueCount[]): readonly LorenzPoint[] | undefined => {
  const units = counts.reduce((all, { count }) => all + count, 0);
  const sum = counts.reduce((all, { value, count }) => all + value * count, 0);
  if (sum === 0) return undefined;
  const points: LorenzPoint[] = [{ units: 0, sum: 0 }];
  let unitsUpTo = 0;
  let sumUpTo = 0;
  for (const { value, count } of counts) {
    unitsUpTo += count;
    sumUpTo += value * count;
    points.push({ units: unitsUpTo / units, sum: sumUpTo / sum });
  }
  return points;
};

/**
 * Gini's coefficient: twice the area between the curve and the diagonal. 0 if all units are equal, near 1 if one has all.
 *
 * @example gini(lorenzCurve([{ value: 0, count: 1 }, { value: 5, count: 1 }])!) // 0.5
 */
export const gini = (curve: readonly LorenzPoint[]): number => {
  let twiceBelow = 0;
  for (let i = 1; i < curve.length; i++) {
    const [from, to] = [curve[i - 1]!, curve[i]!];
    twiceBelow += (to.units - from.units) * (to.sum + from.sum);
  }
  return 1 - twiceBelow;
};

/** The share of the sum that the heaviest share `top` of the units has; among units of one value, parts of them count. */
export const heldByTop = (curve: readonly LorenzPoint[], top: number): number => {
  const at = 1 - top;
  const next = curve.findIndex(({ units }) => units >= at);
  if (next <= 0) return 1;
  const [from, to] = [curve[next - 1]!, curve[next]!];
  return 1 - (from.sum + ((to.sum - from.sum) * (at - from.units)) / (to.units - from.units));
};
