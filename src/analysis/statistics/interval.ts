/** An interval that covers the truth in 95 of 100 samples: what every estimate comes with. */

/** Confidence of all intervals of the product. */
export const CONFIDENCE = 0.95;

/** null where the sample is too small to bound that side. */
export interface Interval {
  readonly low: number | null;
  readonly high: number | null;
}
