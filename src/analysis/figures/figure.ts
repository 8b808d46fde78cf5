/** Figures as plain data: what is drawn, not how. The report, an export and the dashboard draw the same one. */

/** Lines or parts in one figure: as many as the palette tells apart. */
export const MOST_SERIES = 8;

/** Steps from 0 to 1. */
export interface EcdfFigure {
  readonly kind: 'ecdf';
  readonly valueKind: 'bytes' | 'duration_us' | 'rate_bps';
  readonly xTitle: string;
  /** What is counted: 'flows'. */
  readonly unit: string;
  /** A linear axis begins at 0 and ends where 99 % of each curve are reached: for values of one order of magnitude. */
  readonly axis: 'logarithmic' | 'linear';
  readonly series: readonly {
    readonly name: string;
    readonly n: number;
    /** Ascending. */
    readonly values: readonly number[];
    /** Units that are at most `values[i]`, out of `n`. */
    readonly upTo: readonly number[];
  }[];
}

/** Horizontal bars, each the sum of its parts. */
export interface BarsFigure {
  readonly kind: 'bars';
  readonly valueKind: 'share' | 'bytes' | 'count';
  readonly xTitle: string;
  readonly parts: readonly string[];
  readonly bars: readonly {
    readonly name: string;
    /** One a part, in the order of `parts`. */
    readonly values: readonly number[];
  }[];
}

/** Values that hold for a bin of time; null where nothing was measured. */
export interface StepsFigure {
  readonly kind: 'steps';
  readonly valueKind: 'bytes' | 'count';
  readonly yTitle: string;
  /** IANA name, printed on the axis. */
  readonly timezone: string;
  readonly originUs: number;
  readonly widthUs: number;
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

export type Figure = EcdfFigure | BarsFigure | StepsFigure;
