/** By how much the tester's clock and that of the capture differ, told by how the actions and the transfers fit together. */
import { HOUR } from '../../kit/time.ts';
import type { Action } from './action.ts';
import { firstFrom, type Kind, toKinds } from './associate.ts';
import type { Track } from './transfer.ts';

export interface OffsetEstimate {
  /** To be added to the times of the tester, microseconds. */
  readonly offsetUs: number;
  /** How well the actions fit then, and without it: shares of 1. */
  readonly fit: number;
  readonly fitWithout: number;
  /** Offsets that are far enough apart to succeed each by its own chance. */
  readonly looks: number;
  /** Another offset, further away than a window, fits almost as well. */
  readonly isAmbiguous: boolean;
}

const STEP_US = 500_000;
/** The busiest templates, and as many actions: more add time and no clarity. */
const MOST_TRACKS = 100;
const MOST_TIMES = 300;
/** With this share of the best fit the clocks are taken to agree: answers need their time, and that is no offset. */
const GOOD_ENOUGH = 0.7;
const ALMOST = 0.9;

/** 1 for a transfer right at the action, falling to 0 at the end of the window. */
const weightOf = (at: readonly number[], action: number, windowUs: number): number => {
  const next = at[firstFrom(at, action)];
  return next === undefined ? 0 : Math.max(0, 1 - (next - action) / windowUs);
};

/** Its mean over all moments between the first and the last transfer. */
const weightByChance = (at: readonly number[], windowUs: number): number => {
  let sum = 0;
  for (let i = 1; i < at.length; i++) {
    const gap = Math.min(at[i]! - at[i - 1]!, windowUs);
    sum += gap - (gap * gap) / (2 * windowUs);
  }
  return sum / Math.max(windowUs, at.at(-1)! - at[0]!);
};

/** How well actions fit: for each kind the template that fits best, by what it exceeds chance; the mean over the actions. */
const fitOf = (
  kinds: readonly Kind[],
  tracks: readonly { readonly at: readonly number[]; readonly byChance: number }[],
  offsetUs: number,
  windowUs: number,
): number => {
  let [sum, n] = [0, 0];
  for (const { times } of kinds) {
    let best = 0;
    for (const { at, byChance } of tracks) {
      let weight = 0;
      for (const time of times) weight += weightOf(at, time.at + offsetUs, windowUs) - byChance;
      best = Math.max(best, weight);
    }
    sum += best;
    n += times.length;
  }
  return sum / n;
};

/**
 * Tries all offsets of up to `mostUs` either way, in steps of half a second. The time that answers take is part of the offset that
 * it finds, for nothing tells the two apart; so an offset is taken only where the actions fit far worse without it.
 *
 * @param mostUs an hour at most
 */
export const estimateOffset = (
  actions: readonly Action[],
  tracks: readonly Track[],
  windowUs: number,
  mostUs: number,
): OffsetEstimate => {
  const stride = Math.ceil(actions.length / MOST_TIMES);
  const kinds = toKinds(
    actions.filter((_, i) => i % stride === 0),
    0,
  );
  const busiest = tracks
    .toSorted((a, b) => b.at.length - a.at.length)
    .slice(0, MOST_TRACKS)
    .map(({ at }) => ({ at, byChance: weightByChance(at, windowUs) }));
  const steps = Math.floor(Math.min(mostUs, HOUR) / STEP_US);
  const fits = Array.from({ length: 2 * steps + 1 }, (_, i) => {
    const offsetUs = (i - steps) * STEP_US;
    return { offsetUs, fit: fitOf(kinds, busiest, offsetUs, windowUs) };
  });
  const without = fits[steps]!;
  // The nearest to 0 of those that fit alike.
  const best = fits.reduce((a, b) =>
    b.fit > a.fit || (b.fit === a.fit && Math.abs(b.offsetUs) < Math.abs(a.offsetUs)) ? b : a,
  );
  const taken = without.fit >= GOOD_ENOUGH * best.fit ? without : best;
  return {
    offsetUs: taken.offsetUs,
    fit: taken.fit,
    fitWithout: without.fit,
    looks: 1 + Math.ceil((2 * steps * STEP_US) / windowUs),
    isAmbiguous: fits.some(
      ({ offsetUs, fit }) => Math.abs(offsetUs - taken.offsetUs) > windowUs && fit > 0 && fit >= ALMOST * taken.fit,
    ),
  };
};
