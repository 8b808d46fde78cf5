/** Empirical distribution functions from the rows of a query that counts values. */
import {
  type CardColumn,
  type CardTable,
  cardTable,
  countColumn,
  detailTable,
  shareColumn,
  textColumn,
} from './card.ts';
import { type EcdfFigure, MOST_SERIES } from './figures/figure.ts';
import { numberOf, type Row, textOf } from './query.ts';
import type { Interval } from './statistics/interval.ts';
import { quantileRanks } from './statistics/quantile-ranks.ts';
import type { ValueCount } from './statistics/value-count.ts';

/** Steps of an ECDF: the queries keep each value that is the nearest-rank quantile of some k / RANKS. */
export const RANKS = 1000;

/**
 * F(value) = upTo / n, the share of flows that are at most `value`.
 *
 * `values` ascend, rounded as the rollup rounds them; F is exact at each of them, and between two of them it is too low by less than 1 / RANKS.
 */
export interface Ecdf {
  readonly name: string;
  readonly n: number;
  readonly values: readonly number[];
  readonly upTo: readonly number[];
  /** Units of exactly that value. */
  readonly counts: readonly number[];
}

/** Rows `series, value, n, up_to, total`, ordered by series and value, as curves; the largest first. */
export const toEcdfs = (rows: readonly Row[]): readonly Ecdf[] => {
  const curves = new Map<string, { name: string; n: number; values: number[]; upTo: number[]; counts: number[] }>();
  for (const row of rows) {
    const name = textOf(row, 'series');
    let curve = curves.get(name);
    if (curve === undefined) {
      curve = { name, n: numberOf(row, 'total'), values: [], upTo: [], counts: [] };
      curves.set(name, curve);
    }
    curve.values.push(numberOf(row, 'value'));
    curve.upTo.push(numberOf(row, 'up_to'));
    curve.counts.push(numberOf(row, 'n'));
  }
  return [...curves.values()].sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1));
};

/** A curve that leaves nothing out, from few values. */
export const ecdfOf = (name: string, counts: readonly ValueCount[]): Ecdf => {
  let n = 0;
  const upTo = counts.map(({ count }) => {
    n += count;
    return n;
  });
  return { name, n, values: counts.map(({ value }) => value), upTo, counts: counts.map(({ count }) => count) };
};

/** Place in the curve of the least value that `rank` units do not exceed. */
const placeOf = ({ upTo }: Ecdf, rank: number): number => upTo.findIndex((reached) => reached >= rank);

/**
 * The nearest-rank quantile: the least value with F(value) >= k / RANKS. Exact for every whole k in [1, RANKS],
 * but for that rounding.
 *
 * @example quantileOf(curve, 500) // the median
 */
export const quantileOf = (curve: Ecdf, k: number): number =>
  curve.values[placeOf(curve, Math.ceil((k * curve.n) / RANKS))]!;

/**
 * The 95 % interval of that quantile by order statistics, whatever the distribution. Its ends are points of the curve: where
 * the curve leaves values out the lower one is the point before, so that the interval is wider and never narrower.
 */
const quantileInterval = (curve: Ecdf, k: number): Interval => {
  const { low, high } = quantileRanks(curve.n, k / RANKS);
  const { values, upTo, counts } = curve;
  const lowAt = low === null ? -1 : placeOf(curve, low);
  const isLeftOut = lowAt > 0 && low! <= upTo[lowAt]! - counts[lowAt]!;
  return {
    low: values[isLeftOut ? lowAt - 1 : lowAt] ?? null,
    high: high === null ? null : values[placeOf(curve, high)]!,
  };
};

/** The sentences that go with every table of quantiles. */
export const quantileMethod =
  'Quantiles are nearest-rank: the least value that at least that share does not exceed. Their 95 % intervals are by order statistics and hold for any distribution, if the units were drawn independently: units of the same client are not, quite. Values of 1,000 and more are rounded by at most 0.5 % before.';

const ranks: readonly (readonly [name: string, title: string, k: number, doc: string])[] = [
  ['p10', '10 %', 100, 'A tenth of them have at most this'],
  ['p50', 'Median', 500, 'Half of them have at most this'],
  ['p90', '90 %', 900, 'Nine tenths of them have at most this'],
  ['p99', '99 %', 990, 'All but a hundredth of them have at most this'],
];

const suffixes: Readonly<Record<EcdfFigure['valueKind'], readonly [suffix: string, unit: string]>> = {
  bytes: ['bytes', 'B'],
  duration_us: ['us', 'us'],
  rate_bps: ['bps', 'bit/s'],
};

/** What the curves are of. */
export interface Quantity {
  /** The column that tells the curves apart, and how its values read. */
  readonly series: CardColumn;
  readonly label: (name: string) => string;
  readonly kind: EcdfFigure['valueKind'];
  /** Title of the axis, and end of the sentences in the column docs: 'IP bytes of a flow'. */
  readonly title: string;
  /** What is counted, 'flows' if nothing is said. */
  readonly counts?: 'flows' | 'addresses' | 'bursts';
  /** 'logarithmic' if nothing is said. */
  readonly axis?: EcdfFigure['axis'];
}

/** The table of quantiles, those of their intervals and of the points, and the figure of some curves. */
export const describeEcdfs = (
  curves: readonly Ecdf[],
  { series, label, kind, title, counts = 'flows', axis = 'logarithmic' }: Quantity,
): { readonly tables: readonly [CardTable, CardTable, CardTable]; readonly figure: EcdfFigure } => {
  const [suffix, unit] = suffixes[kind];
  const value = (name: string, columnTitle: string, doc: string): CardColumn => ({
    name: `${name}_${suffix}`,
    title: columnTitle,
    kind,
    unit,
    doc: `${doc}: ${title}.`,
  });
  const heading = `${counts[0]!.toUpperCase()}${counts.slice(1)}`;
  const unitCount = countColumn(counts, heading, counts, `${heading} behind the row.`);
  const quantiles = cardTable(
    'Quantiles',
    [
      series,
      unitCount,
      value('least', 'Least', 'Smallest'),
      ...ranks.map(([name, columnTitle, , doc]) => value(name, columnTitle, doc)),
      value('most', 'Most', 'Largest'),
    ],
    curves.map((curve) => ({
      [series.name]: label(curve.name),
      [counts]: curve.n,
      [`least_${suffix}`]: curve.values[0]!,
      ...Object.fromEntries(ranks.map(([name, , k]) => [`${name}_${suffix}`, quantileOf(curve, k)])),
      [`most_${suffix}`]: curve.values.at(-1)!,
    })),
  );
  const intervals = cardTable(
    'Intervals of the quantiles',
    [
      series,
      textColumn('quantile', 'Quantile', 'Which quantile.'),
      value('value', 'Value', 'The quantile'),
      value('low', 'From', 'Lower end of its 95 % interval; empty if so few cannot bound it'),
      value('high', 'To', 'Upper end, likewise'),
    ],
    curves.flatMap((curve) =>
      ranks.map(([, quantile, k]) => {
        const { low, high } = quantileInterval(curve, k);
        return {
          [series.name]: label(curve.name),
          quantile,
          [`value_${suffix}`]: quantileOf(curve, k),
          [`low_${suffix}`]: low,
          [`high_${suffix}`]: high,
        };
      }),
    ),
  );
  const points = detailTable(
    'Points of the curves',
    [
      series,
      value('at_most', 'At most', 'Value'),
      { ...unitCount, doc: `${heading} that are at most that.` },
      shareColumn('share', 'Share', 'Their share of those of the row.'),
    ],
    curves.flatMap((curve) =>
      curve.values.map((at, i) => ({
        [series.name]: label(curve.name),
        [`at_most_${suffix}`]: at,
        [counts]: curve.upTo[i]!,
        share: curve.upTo[i]! / curve.n,
      })),
    ),
  );
  return {
    tables: [quantiles, intervals, points],
    figure: {
      kind: 'ecdf',
      valueKind: kind,
      xTitle: title,
      unit: counts,
      axis,
      series: curves.slice(0, MOST_SERIES).map(({ name, n, values, upTo }) => ({ name: label(name), n, values, upTo })),
    },
  };
};
