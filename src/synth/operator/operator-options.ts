/** Which operator is planted, and how much of it. */
import type { OperatorPreset } from './preset.ts';

export interface OperatorOptions {
  readonly preset: OperatorPreset;
  readonly seed: number;
  readonly subscribers?: number;
  readonly days?: number;
  /** Silence that ends a burst, microseconds. */
  readonly burstIdleUs: number;
}
