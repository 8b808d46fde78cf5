/** Draws horizontal bars, each cut into parts that hatching tells apart as colour does. */
import * as Plot from '@observablehq/plot';
import { formatValue } from '../format.ts';
import { canvas, type SvgElement, svgElement } from './canvas.ts';
import type { BarsFigure } from './figure.ts';
import type { LegendItem } from './legend.ts';
import { seriesColour } from './palette.ts';
import { clipText, textWidth } from './text.ts';
import { linearAxis } from './ticks.ts';

/** Strokes over 8 x 8 pixels; neighbours among the parts differ. */
const hatchings = ['', 'M0,8L8,0', 'M4,0V8', 'M0,0L8,8', 'M0,4H8', 'M4,0V8M0,4H8', 'M0,8L8,0M0,0L8,8', 'M0,2H8M0,6H8'];

const drawHatching = (id: string, i: number): SvgElement =>
  svgElement(
    'pattern',
    { id: `${id}-part-${i}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse' },
    svgElement('rect', { width: 8, height: 8, fill: seriesColour(i) }),
    svgElement('path', { d: hatchings[i % hatchings.length]!, stroke: '#fff', 'stroke-opacity': 0.55, fill: 'none' }),
  );

const BAR_HEIGHT = 34;

/** @param id unique in the page: the hatchings are referred to by it */
export const drawBars = (
  figure: BarsFigure,
  width: number,
  id: string,
): { plot: SvgElement; legend: readonly LegendItem[] } => {
  const { bars, parts, valueKind } = figure;
  const names = bars.map(({ name }) => clipText(formatValue('text', name), 28));
  const segments = bars.flatMap(({ values }, bar) => values.map((value, part) => ({ bar, part, value })));
  const totals = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const axis = linearAxis(valueKind, Math.max(...totals, 0));
  const plot = Plot.plot({
    document: canvas(),
    width,
    height: 62 + bars.length * BAR_HEIGHT,
    marginLeft: 16 + Math.max(40, ...names.map(textWidth)),
    marginRight: 80,
    marginTop: 6,
    marginBottom: 44,
    x: { domain: [...axis.domain] },
    // Bars may share a clipped name, so they stand by number.
    y: { type: 'band', domain: bars.map((_, i) => i), padding: 0.25 },
    marks: [
      Plot.gridX({ strokeOpacity: 0.15, ticks: axis.ticks }),
      Plot.axisX({ label: figure.xTitle, ticks: axis.ticks, tickFormat: axis.text, fontSize: 12 }),
      Plot.axisY({ label: null, tickSize: 0, tickFormat: (i: number) => names[i] ?? '', fontSize: 12 }),
      Plot.barX(segments, {
        x: 'value',
        y: 'bar',
        fill: ({ part }: { part: number }) => `url(#${id}-part-${part})`,
        insetRight: 1,
      }),
      Plot.text(totals, {
        x: (total: number) => total,
        y: (_: number, i: number) => i,
        text: (total: number) => formatValue(valueKind, total),
        textAnchor: 'start',
        dx: 6,
        fontSize: 12,
      }),
    ],
  }) as SvgElement;
  plot.prepend(svgElement('defs', {}, ...parts.map((_, i) => drawHatching(id, i))));
  return {
    plot,
    legend:
      parts.length < 2
        ? []
        : parts.map((part, i) => ({
            label: clipText(part, 40),
            sample: svgElement('rect', { y: -6, width: 30, height: 12, fill: `url(#${id}-part-${i})` }),
          })),
  };
};
