/** The figures of the coverage analysis. */
import type { BarsFigure } from '../figures/figure.ts';

/** Two bars cut by evidence: flows and bytes. */
export const evidenceFigure = (
  rows: readonly {
    readonly evidence: string;
    readonly flow_share: number | null;
    readonly byte_share: number | null;
  }[],
): BarsFigure => {
  const shown = rows.filter(({ flow_share, byte_share }) => (flow_share ?? 0) + (byte_share ?? 0) > 0);
  return {
    kind: 'bars',
    valueKind: 'share',
    xTitle: 'Share of the eligible flows, and of their bytes',
    parts: shown.map(({ evidence }) => evidence),
    bars: [
      { name: 'Flows', values: shown.map(({ flow_share }) => flow_share ?? 0) },
      { name: 'Bytes', values: shown.map(({ byte_share }) => byte_share ?? 0) },
    ],
  };
};

/** Bars of bytes, one a name, the first ten. */
export const volumeFigure = (
  xTitle: string,
  rows: readonly { readonly name: string; readonly bytes: number }[],
): BarsFigure => ({
  kind: 'bars',
  valueKind: 'bytes',
  xTitle,
  parts: ['bytes'],
  bars: rows.slice(0, 10).map(({ name, bytes }) => ({ name, values: [bytes] })),
});
