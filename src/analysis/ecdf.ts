/** Empirical distribution functions from the rows of a query that counts values. */
import { type CardColumn, type CardTable, cardTable, countColumn, detailTable, shareColumn } from './card.ts';
import { type EcdfFigure, MOST_SERIES } from './figures/figure.ts';
import { numberOf, type Row, textOf } from './query.ts';

/** Steps of an ECDF: the queries keep each value that is the nearest-rank quantile of some k / RANKS. */
export const RANKS = 1000;

/**
 * F(value) = upTo / n, the share of flows that are at most `value`.
 *
 * `values` ascend, rounded to three digits from 1,000 on; F is exact at each of them, and between two of them it is too low by less than 1 / RANKS.
 */
export interface Ecdf {
  readonly name: string;
  readonly n: number;
  readonly values: readonly number[];
  readonly upTo: readonly number[];
}

/** Rows `series, value, up_to, total`, ordered by series and value, as curves; the largest first. */
export const toEcdfs = (rows: readonly Row[]): readonly Ecdf[] => {
  const curves = new Map<string, { name: string; n: number; values: number[]; upTo: number[] }>();
  for (const row of rows) {
    const name = textOf(row, 'series');
    let curve = curves.get(name);
    if (curve === undefined) {
      curve = { name, n: numberOf(row, 'total'), values: [], upTo: [] };
      curves.set(name, curve);
    }
    curve.values.push(numberOf(row, 'value'));
    curve.upTo.push(numberOf(row, 'up_to'));
  }
  return [...curves.values()].sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1));
};

/**
 * The nearest-rank quantile: the least value with F(value) >= k / RANKS. Exact for every whole k in [1, RANKS],
 * but for that rounding.
 *
 * @example quantileOf(curve, 500) // the median
 */
export const quantileOf = ({ n, values, upTo }: Ecdf, k: number): number => {
  const rank = Math.ceil((k * n) / RANKS);
  return values[upTo.findIndex((reached) => reached >= rank)]!;
};

/** The sentence that goes with every table of quantiles. */
export const quantileMethod =
  'Quantiles are nearest-rank: the least value that at least that share of the flows does not exceed. Values of 1,000 and more are rounded to three digits before.';

const ranks: readonly (readonly [name: string, title: string, k: number, doc: string])[] = [
  ['p10', '10 %', 100, 'A tenth of the flows have at most this'],
  ['p50', 'Median', 500, 'Half of the flows have at most this'],
  ['p90', '90 %', 900, 'Nine tenths of the flows have at most this'],
  ['p99', '99 %', 990, 'All but a hundredth of the flows have at most this'],
];

/** What the curves are of. */
export interface Quantity {
  /** The column that tells the curves apart, and how its values read. */
  readonly series: CardColumn;
  readonly label: (name: string) => string;
  readonly kind: EcdfFigure['valueKind'];
  /** Title of the axis, and end of the sentences in the column docs: 'IP bytes of a flow'. */
  readonly title: string;
}

/** The table of quantiles, the table of points, and the figure of some curves. */
export const describeEcdfs = (
  curves: readonly Ecdf[],
  { series, label, kind, title }: Quantity,
): { readonly tables: readonly [CardTable, CardTable]; readonly figure: EcdfFigure } => {
  const suffix = kind === 'bytes' ? 'bytes' : 'us';
  const unit = kind === 'bytes' ? 'B' : 'us';
  const value = (name: string, heading: string, doc: string): CardColumn => ({
    name: `${name}_${suffix}`,
    title: heading,
    kind,
    unit,
    doc: `${doc}: ${title}.`,
  });
  const flowCount = countColumn('flows', 'Flows', 'flows', 'Flows behind the row.');
  const quantiles = cardTable(
    'Quantiles',
    [
      series,
      flowCount,
      value('least', 'Least', 'Smallest'),
      ...ranks.map(([name, heading, , doc]) => value(name, heading, doc)),
      value('most', 'Most', 'Largest'),
    ],
    curves.map((curve) => ({
      [series.name]: label(curve.name),
      flows: curve.n,
      [`least_${suffix}`]: curve.values[0]!,
      ...Object.fromEntries(ranks.map(([name, , k]) => [`${name}_${suffix}`, quantileOf(curve, k)])),
      [`most_${suffix}`]: curve.values.at(-1)!,
    })),
  );
  const points = detailTable(
    'Points of the curves',
    [
      series,
      value('at_most', 'At most', 'Value'),
      { ...flowCount, doc: 'Flows that are at most that.' },
      shareColumn('share', 'Share', 'Their share of the flows of the row.'),
    ],
    curves.flatMap((curve) =>
      curve.values.map((at, i) => ({
        [series.name]: label(curve.name),
        [`at_most_${suffix}`]: at,
        flows: curve.upTo[i]!,
        share: curve.upTo[i]! / curve.n,
      })),
    ),
  );
  return {
    tables: [quantiles, points],
    figure: {
      kind: 'ecdf',
      valueKind: kind,
      xTitle: title,
      series: curves.slice(0, MOST_SERIES).map((curve) => ({ ...curve, name: label(curve.name) })),
    },
  };
};
