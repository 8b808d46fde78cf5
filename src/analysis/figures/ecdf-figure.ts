/** Draws distribution functions: step curves over a logarithmic or a linear axis. */
import * as Plot from '@observablehq/plot';
import { formatValue } from '../format.ts';
import { canvas, type SvgElement } from './canvas.ts';
import type { EcdfFigure } from './figure.ts';
import { type LegendItem, lineSample } from './legend.ts';
import { seriesColour, seriesDash } from './palette.ts';
import { decadesAround, roundTicks } from './ticks.ts';

const AXIS_REACHES = 0.99;

/** The greatest of the values at which a curve has reached that share. */
const endOf = ({ series }: EcdfFigure): number =>
  Math.max(
    0,
    ...series.map(({ n, values, upTo }) => values[upTo.findIndex((reached) => reached >= AXIS_REACHES * n)] ?? 0),
  );

/** What cannot stand on a logarithmic axis (0) is put on its left edge, from which the curve then rises. */
export const drawEcdf = (figure: EcdfFigure, width: number): { plot: SvgElement; legend: readonly LegendItem[] } => {
  const isLinear = figure.axis === 'linear';
  const { domain, ticks } = isLinear
    ? roundTicks(endOf(figure))
    : decadesAround(
        figure.valueKind,
        figure.series.flatMap(({ values }) => values),
      );
  const lines = figure.series.map(({ n, values, upTo }, i) => {
    const points = values.map((value, j) => [Math.max(value, domain[0]), upTo[j]! / n] as const);
    return Plot.line([[points[0]?.[0] ?? domain[0], 0] as const, ...points], {
      curve: 'step-after',
      stroke: seriesColour(i),
      strokeWidth: 2,
      strokeDasharray: seriesDash(i),
    });
  });
  const plot = Plot.plot({
    document: canvas(),
    width,
    height: 320,
    marginLeft: 56,
    marginRight: 28,
    marginTop: 32,
    marginBottom: 48,
    x: { type: isLinear ? 'linear' : 'log', domain: [...domain], clamp: isLinear },
    y: { domain: [0, 1] },
    marks: [
      Plot.gridX([...ticks], { strokeOpacity: 0.15 }),
      Plot.gridY({ strokeOpacity: 0.15, ticks: 5 }),
      Plot.axisX([...ticks], {
        label: figure.xTitle,
        tickPadding: 8,
        // Not tickFormat: on a logarithmic scale that leaves out ticks that are no powers of its base.
        text: (tick: number) => formatValue(figure.valueKind, tick),
        fontSize: 12,
      }),
      Plot.axisY({
        label: `Share of ${figure.unit}`,
        ticks: 5,
        tickFormat: (share: number) => formatValue('share', share),
        fontSize: 12,
      }),
      ...lines,
    ],
  });
  return {
    plot: plot as SvgElement,
    legend: figure.series.map(({ name, n }, i) => ({
      label: `${name} (n = ${formatValue('count', n)})`,
      sample: lineSample(i),
    })),
  };
};
