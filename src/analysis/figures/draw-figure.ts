/** Draws a figure as SVG text: the same figure gives the same bytes. */
import { drawBars } from './bars-figure.ts';
import { type SvgElement, svgElement } from './canvas.ts';
import { drawEcdf } from './ecdf-figure.ts';
import type { Figure } from './figure.ts';
import { drawLegend, type LegendItem } from './legend.ts';
import { drawSteps } from './steps-figure.ts';

const WIDTH = 760;

export interface FigureLabel {
  /** Unique in the page; letters, digits, '-'. */
  readonly id: string;
  readonly title: string;
  /** The finding: what a person who does not see the figure has to know. */
  readonly description: string;
}

const drawKind = (figure: Figure, id: string): { plot: SvgElement; legend: readonly LegendItem[] } => {
  switch (figure.kind) {
    case 'ecdf':
      return drawEcdf(figure, WIDTH);
    case 'bars':
      return drawBars(figure, WIDTH, id);
    case 'steps':
      return drawSteps(figure, WIDTH);
  }
};

/**
 * An `<svg>` of 760 pixels with its legend, `role="img"`, title and description.
 *
 * Text and axes take the colour of the text around it; series the custom properties `--series-0` ..., and the palette's
 * colours where these are not set. No style element, no style attribute, no script: it passes the strictest policy.
 */
export const drawFigure = (figure: Figure, { id, title, description }: FigureLabel): string => {
  const { plot, legend } = drawKind(figure, id);
  const head = drawLegend(legend, WIDTH);
  head.group.setAttribute('transform', 'translate(8,0)');
  const body = svgElement('g', { transform: `translate(0,${head.height})` });
  for (const child of [...plot.children]) if (child.tagName !== 'style') body.append(child);
  const height = Number(plot.getAttribute('height')) + head.height;
  return svgElement(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-description`,
      fill: 'currentColor',
      'font-family': 'system-ui, sans-serif',
      'font-size': 12,
      'text-anchor': 'middle',
    },
    svgElement('title', { id: `${id}-title` }, title),
    svgElement('desc', { id: `${id}-description` }, description),
    head.group,
    body,
  ).outerHTML;
};
