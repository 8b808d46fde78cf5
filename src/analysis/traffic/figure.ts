/** The figures of the traffic analysis. */
import type { Bins } from '../bins.ts';
import type { BarsFigure, StepsFigure } from '../figures/figure.ts';
import { formatValue } from '../format.ts';

/** A bar a class, cut into up and down. */
export const classesFigure = (
  rows: readonly { readonly class: string; readonly up_bytes: number; readonly down_bytes: number }[],
): BarsFigure => ({
  kind: 'bars',
  valueKind: 'bytes',
  xTitle: 'IP bytes of the flows of a class',
  parts: ['up', 'down'],
  bars: rows.slice(0, 12).map((row) => ({ name: row.class, values: [row.up_bytes, row.down_bytes] })),
});

/** Two lines over time: down and up. */
export const volumeFigure = (
  up: readonly (number | null)[],
  down: readonly (number | null)[],
  bins: Bins,
  timezone: string,
): StepsFigure => ({
  kind: 'steps',
  valueKind: 'bytes',
  yTitle: `IP bytes in ${formatValue('duration_us', bins.widthUs)}`,
  timezone,
  originUs: bins.originUs,
  widthUs: bins.widthUs,
  series: [
    { name: 'down', values: down },
    { name: 'up', values: up },
  ],
});
