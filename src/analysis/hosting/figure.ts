/** The figures of the hosting analysis. */
import type { Bins } from '../bins.ts';
import { type BarsFigure, type EcdfFigure, MOST_SERIES, type StepsFigure } from '../figures/figure.ts';
import { formatValue } from '../format.ts';

/** Bars of addresses, one an autonomous system, the ten heaviest by bytes. */
export const networksFigure = (
  rows: readonly { readonly asn: number | null; readonly org: string; readonly addresses: number }[],
): BarsFigure => ({
  kind: 'bars',
  valueKind: 'count',
  xTitle: 'Distinct server addresses',
  parts: ['addresses'],
  bars: rows.slice(0, 10).map(({ asn, org, addresses }) => ({
    name: asn === null ? 'AS not known' : `${formatValue('asn', asn)} ${org}`.trim(),
    values: [addresses],
  })),
});

/** Active addresses over time, a line a class. */
export const activeFigure = (series: StepsFigure['series'], bins: Bins, timezone: string): StepsFigure => ({
  kind: 'steps',
  valueKind: 'count',
  yTitle: `Active addresses in ${formatValue('duration_us', bins.widthUs)}`,
  timezone,
  originUs: bins.originUs,
  widthUs: bins.widthUs,
  series: series.slice(0, MOST_SERIES),
});

/** The least RTT to each network, a curve a port. A gateway in between makes it a single step. */
export const splitFigure = (
  ways: readonly { readonly name: string; readonly networks: readonly { readonly leastUs: number }[] }[],
): EcdfFigure => ({
  kind: 'ecdf',
  valueKind: 'duration_us',
  xTitle: 'Least RTT between vantage and a network of servers',
  unit: 'networks',
  axis: 'logarithmic',
  series: ways.slice(0, MOST_SERIES).map(({ name, networks }) => ({
    name,
    n: networks.length,
    values: networks.map(({ leastUs }) => leastUs).sort((a, b) => a - b),
    upTo: networks.map((_, i) => i + 1),
  })),
});
