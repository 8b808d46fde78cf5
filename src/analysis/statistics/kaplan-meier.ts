/** How long it takes until something happens, where for some units it is only known to take longer (Kaplan and Meier 1958). */
import type { Interval } from './interval.ts';
import { Z } from './wilson.ts';

/** At a time, for how many units it happened, and how many were watched no longer. */
export interface Times {
  readonly at: number;
  readonly events: number;
  readonly censored: number;
}

export interface SurvivalStep {
  readonly at: number;
  /** Watched until just before. */
  readonly atRisk: number;
  readonly events: number;
  /** Share for which it takes longer than `at`. */
  readonly survival: number;
  /** Of `survival`, by Greenwood's formula on the scale log(-log S), which stays in [0, 1]. */
  readonly interval: Interval;
}

/**
 * The curve, a step a time with events: S(t) = product over the times up to t of 1 - events / at risk. Units censored at a
 * time are at risk at it.
 *
 * The estimate holds if what ends the watching has nothing to do with how long it would have taken.
 *
 * @param times ascending, each time once
 */
export const kaplanMeier = (times: readonly Times[]): readonly SurvivalStep[] => {
  let atRisk = times.reduce((sum, { events, censored }) => sum + events + censored, 0);
  let survival = 1;
  let greenwood = 0;
  const steps: SurvivalStep[] = [];
  for (const { at, events, censored } of times) {
    if (events > 0) {
      survival *= 1 - events / atRisk;
      greenwood += events / (atRisk * (atRisk - events));
      steps.push({ at, atRisk, events, survival, interval: intervalOf(survival, greenwood) });
    }
    atRisk -= events + censored;
  }
  return steps;
};

const intervalOf = (survival: number, greenwood: number): Interval => {
  // After the last unit nothing is left to tell by.
  if (survival <= 0 || survival >= 1) return { low: null, high: null };
  const spread = (Z * Math.sqrt(greenwood)) / Math.abs(Math.log(survival));
  return { low: survival ** Math.exp(spread), high: survival ** Math.exp(-spread) };
};

/** The time by which it has happened for a share `p`; null where the curve does not fall that far. */
export const survivalQuantile = (steps: readonly SurvivalStep[], p: number): number | null =>
  steps.find(({ survival }) => survival <= 1 - p + 1e-12)?.at ?? null;
