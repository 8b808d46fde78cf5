/** Draws values over time: a level for every bin, and a gap where nothing was measured. */
import * as Plot from '@observablehq/plot';
import { canvas, type SvgElement } from './canvas.ts';
import type { StepsFigure } from './figure.ts';
import { type LegendItem, lineSample } from './legend.ts';
import { seriesColour, seriesDash } from './palette.ts';
import { linearAxis, timeTicks } from './ticks.ts';

/** A level needs both ends of its bin: [milliseconds, value]; NaN breaks the line. */
const toPoints = (values: readonly (number | null)[], originUs: number, widthUs: number): [number, number][] =>
  values.flatMap((value, i): [number, number][] => {
    const from = (originUs + i * widthUs) / 1000;
    return value === null
      ? [[from, Number.NaN]]
      : [
          [from, value],
          [from + widthUs / 1000, value],
        ];
  });

export const drawSteps = (figure: StepsFigure, width: number): { plot: SvgElement; legend: readonly LegendItem[] } => {
  const { originUs, widthUs, timezone, series, valueKind } = figure;
  const bins = Math.max(1, ...series.map(({ values }) => values.length));
  const untilUs = originUs + bins * widthUs;
  const most = series.reduce((sofar, { values }) => values.reduce<number>((a, b) => Math.max(a, b ?? 0), sofar), 0);
  const axis = linearAxis(valueKind, most);
  const ticks = timeTicks(originUs, untilUs, timezone);
  const labels = new Map(ticks.map(({ atUs, label }) => [atUs / 1000, label]));
  const plot = Plot.plot({
    document: canvas(),
    width,
    height: 300,
    marginLeft: 72,
    marginRight: 40,
    marginTop: 32,
    marginBottom: 66,
    x: { type: 'utc', domain: [originUs / 1000, untilUs / 1000] },
    y: { domain: [...axis.domain], nice: true },
    marks: [
      Plot.gridX([...labels.keys()], { strokeOpacity: 0.15 }),
      Plot.gridY({ strokeOpacity: 0.15, ticks: axis.ticks }),
      Plot.axisX([...labels.keys()], {
        label: `Time (${timezone})`,
        labelOffset: 62,
        tickPadding: 8,
        tickFormat: (at: number) => labels.get(Number(at)) ?? '',
        fontSize: 12,
      }),
      Plot.axisY({ label: figure.yTitle, ticks: axis.ticks, tickFormat: axis.text, fontSize: 12 }),
      ...series.map(({ values }, i) =>
        Plot.line(toPoints(values, originUs, widthUs), {
          stroke: seriesColour(i),
          strokeWidth: 2,
          strokeDasharray: seriesDash(i),
        }),
      ),
    ],
  });
  return {
    plot: plot as SvgElement,
    legend: series.map(({ name }, i) => ({
      label: name,
      sample: lineSample(i),
    })),
  };
};
