/** A session with a tester, from the actions and the transfers to what each name is for. */
import type { Row } from '../query.ts';
import type { Action } from './action.ts';
import { type Assignment, assign } from './assign.ts';
import { type Answer, associate, type Kind, toKinds } from './associate.ts';
import { estimateOffset } from './estimate-offset.ts';
import { type Track, toTracks } from './transfer.ts';

export interface LabOptions {
  /** How long after an action its answer may begin, microseconds. */
  readonly windowUs: number;
  /** What to add to the times of the tester; without it, it is estimated, up to `mostOffsetUs`. */
  readonly offsetUs?: number;
  readonly mostOffsetUs: number;
  /** Values that make a blank in a template. */
  readonly least: number;
}

export interface LabResult {
  readonly kinds: readonly Kind[];
  /** Of all pairs of template and kind. */
  readonly answers: readonly Answer[];
  /** Surest first. */
  readonly assignments: readonly Assignment[];
  readonly windowUs: number;
  readonly offsetUs: number;
  /** How the offset is known, in words. */
  readonly offsetBy: string;
  /** What a person must know before believing it. */
  readonly warning?: string;
}

/** Templates that are looked at, those with most transfers. */
const MOST_TRACKS = 500;

const clocksOf = (actions: readonly Action[], tracks: readonly Track[], options: LabOptions) => {
  const { offsetUs, windowUs, mostOffsetUs } = options;
  if (offsetUs !== undefined) return { offsetUs, looks: 1, offsetBy: 'as told' };
  const { isAmbiguous, ...estimate } = estimateOffset(actions, tracks, windowUs, mostOffsetUs);
  const warning =
    'several offsets between the clocks of tester and capture fit the actions almost alike: measure it, and give it with --offset';
  return {
    offsetUs: estimate.offsetUs,
    looks: estimate.looks,
    offsetBy:
      estimate.offsetUs === 0
        ? `estimated: the clocks agree, fit ${estimate.fit.toFixed(2)} of 1`
        : `estimated, with the time that answers take: fit ${estimate.fit.toFixed(2)} of 1, without it ${estimate.fitWithout.toFixed(2)}`,
    ...(isAmbiguous ? { warning } : {}),
  };
};

const sureness = ({ answer }: Assignment): number => answer?.confidence ?? 0;

/**
 * Examines a session.
 *
 * @param rows of `transfersQuery`
 * @throws SondeError SONDE_QUERY_LIMIT if the transfers are too many
 */
export const examineLab = (actions: readonly Action[], rows: readonly Row[], options: LabOptions): LabResult => {
  const tracks = toTracks(rows, options.least)
    .toSorted((a, b) => b.at.length - a.at.length)
    .slice(0, MOST_TRACKS);
  const { looks, ...clocks } = clocksOf(actions, tracks, options);
  const kinds = toKinds(actions, clocks.offsetUs);
  const answers = associate(tracks, kinds, options.windowUs, looks);
  const assignments = assign(answers).toSorted(
    (a, b) => sureness(b) - sureness(a) || (a.track.label < b.track.label ? -1 : 1),
  );
  return { kinds, answers, assignments, windowUs: options.windowUs, ...clocks };
};
