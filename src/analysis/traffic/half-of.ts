/** The sentence on medians: the classes with most flows, two of them. */
import { classLabel } from '../analysis.ts';
import { type Ecdf, quantileOf } from '../ecdf.ts';
import { formatValue, type ValueKind } from '../format.ts';

/** `curves`: at least one, the largest first. */
export const halfOf = (subject: string, curves: readonly Ecdf[], kind: ValueKind, verb: string): string => {
  const [first, second] = curves.map(
    (curve) => [classLabel(curve.name), formatValue(kind, quantileOf(curve, 500))] as const,
  );
  const start = `Half of the flows of ${subject} in ${first![0]} ${verb} ${first![1]}`;
  return second === undefined ? `${start}.` : `${start}, half of those in ${second[0]} at most ${second[1]}.`;
};
