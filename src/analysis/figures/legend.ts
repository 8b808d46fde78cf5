/** The legend above a figure: a sample and a label each, in as many lines as they need. */
import { type SvgElement, svgElement } from './canvas.ts';
import { seriesColour, seriesDash } from './palette.ts';
import { textWidth } from './text.ts';

const SAMPLE = 30;
const GAP = 18;
const LINE_HEIGHT = 20;

export interface LegendItem {
  readonly label: string;
  /** Drawn into 30 x 12 pixels with the origin at the left middle. */
  readonly sample: SvgElement;
}

/** The sample of a line. */
export const lineSample = (i: number): SvgElement =>
  svgElement('path', {
    d: `M0,0H${SAMPLE}`,
    fill: 'none',
    stroke: seriesColour(i),
    'stroke-width': 2,
    'stroke-dasharray': seriesDash(i),
  });

/** The legend as a group of `height` pixels; nothing for less than one item. */
export const drawLegend = (
  items: readonly LegendItem[],
  width: number,
): { readonly group: SvgElement; readonly height: number } => {
  const group = svgElement('g', { class: 'legend', 'text-anchor': 'start' });
  let x = 0;
  let line = 0;
  for (const { label, sample } of items) {
    const needed = SAMPLE + 6 + textWidth(label) + GAP;
    if (x > 0 && x + needed - GAP > width) {
      x = 0;
      line++;
    }
    const item = svgElement('g', { transform: `translate(${x},${line * LINE_HEIGHT + 10})` }, sample);
    item.append(svgElement('text', { x: SAMPLE + 6, dy: '0.32em' }, label));
    group.append(item);
    x += needed;
  }
  return { group, height: items.length === 0 ? 0 : (line + 1) * LINE_HEIGHT + 4 };
};
