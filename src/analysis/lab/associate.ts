/** Which names answer which actions: how often transfers follow, against how often they would by chance. */
import { binomialQuantile } from '../statistics/binomial.ts';
import { wilson } from '../statistics/wilson.ts';
import { sumOf } from '../sums.ts';
import type { Action } from './action.ts';
import { intersect, lengthOf, type Span, unite } from './spans.ts';
import type { Track } from './transfer.ts';

/** All times that one action was done. */
export interface Kind {
  readonly action: string;
  readonly class: string;
  /** In the order of time, by the clock of the capture. */
  readonly times: readonly Action[];
}

/** How one template answers one kind of action. */
export interface Answer {
  readonly track: Track;
  readonly kind: Kind;
  /** Actions, of `kind.times`, within whose window a transfer began. */
  readonly hits: number;
  /** Probability that a window of that length elsewhere in the session holds such a beginning. */
  readonly chance: number;
  /** Interval of hits / times. */
  readonly low: number;
  readonly high: number;
  /** By how much the lower end exceeds chance, of what there is to exceed: (low - chance) / (1 - chance), 0 at least. */
  readonly confidence: number;
  /** Is it more than chance gives in one of 20 sessions anywhere, over all pairs that were looked at? */
  readonly isSignificant: boolean;
  /** The same over the kinds alone: enough for a template of which another pair is significant. */
  readonly isLikely: boolean;
  /** Payload bytes of transfers in the answered windows, the median of them, each way. */
  readonly upBytes: number | null;
  readonly downBytes: number | null;
}

/** Of a session by chance: one of 20 shows a pair that is none. */
const FALSE_ALARM = 0.05;

/** The actions by what was done, in the order of their words; moved onto the clock of the capture. */
export const toKinds = (actions: readonly Action[], offsetUs: number): readonly Kind[] => {
  const kinds = new Map<string, { action: string; class: string; times: Action[] }>();
  for (const action of actions) {
    const kind = kinds.get(action.action) ?? { action: action.action, class: action.class, times: [] };
    kind.times.push({ ...action, at: action.at + offsetUs, until: action.until + offsetUs });
    kinds.set(action.action, kind);
  }
  return [...kinds.values()].sort((a, b) => (a.action < b.action ? -1 : 1));
};

/** Place of the first value of a sorted list that is at least `least`. */
export const firstFrom = (sorted: readonly number[], least: number): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
};

const medianOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.toSorted((a, b) => a - b)[(values.length - 1) >> 1]!;

/**
 * The probability that a window of `lengthUs`, put anywhere into the session where it overlaps no window of the kind, holds the
 * beginning of a transfer: the share of places from which it does. One window of doubt is added to both sides, so that a
 * session without background gives a small chance rather than none.
 */
const chanceOf = (track: Track, kind: Kind, lengthUs: number, session: Span, windowUs: number): number => {
  const places: Span = [session[0], session[1] - lengthUs];
  const taken = unite(kind.times.map(({ at, until }): Span => [at - lengthUs, until + windowUs]));
  const free = intersect([places], complementOf(taken));
  const hitting = unite(track.at.map((at): Span => [at - lengthUs, at]));
  return (lengthOf(intersect(free, hitting)) + lengthUs) / (lengthOf(free) + 2 * lengthUs);
};

const complementOf = (spans: readonly Span[]): readonly Span[] => {
  const edges = [Number.NEGATIVE_INFINITY, ...spans.flat(), Number.POSITIVE_INFINITY];
  return Array.from({ length: spans.length + 1 }, (_, i): Span => [edges[2 * i]!, edges[2 * i + 1]!]);
};

/** How many comparisons are made: of all templates, and of one. */
interface Comparisons {
  readonly all: number;
  readonly ofOne: number;
}

const answerOf = (track: Track, kind: Kind, session: Span, windowUs: number, { all, ofOne }: Comparisons): Answer => {
  const { times } = kind;
  const [up, down]: [number[], number[]] = [[], []];
  for (const { at, until } of times) {
    const [first, end] = [firstFrom(track.at, at), firstFrom(track.at, until + windowUs)];
    if (first === end) continue;
    up.push(sumOf(track.up.slice(first, end), (bytes) => bytes));
    down.push(sumOf(track.down.slice(first, end), (bytes) => bytes));
  }
  const n = times.length;
  const hits = up.length;
  const lengthUs = windowUs + sumOf(times, ({ at, until }) => until - at) / n;
  const chance = chanceOf(track, kind, lengthUs, session, windowUs);
  const { low, high } = wilson(hits, n) as { low: number; high: number };
  const exceedsChance = (comparisons: number): boolean =>
    hits > binomialQuantile(n, chance, 1 - FALSE_ALARM / comparisons);
  return {
    track,
    kind,
    hits,
    chance,
    low,
    high,
    confidence: Math.max(0, (low - chance) / (1 - chance)),
    isSignificant: exceedsChance(all),
    isLikely: exceedsChance(ofOne),
    upBytes: medianOf(up),
    downBytes: medianOf(down),
  };
};

/**
 * Every template against every kind of action.
 *
 * @param windowUs how long after the end of an action its answer may begin
 * @param looks times that the whole comparison was tried, as for other offsets of the clocks: each may succeed by chance
 */
export const associate = (
  tracks: readonly Track[],
  kinds: readonly Kind[],
  windowUs: number,
  looks: number,
): readonly Answer[] => {
  const times = kinds.flatMap((kind) => kind.times);
  const ends = [
    ...tracks.map(({ at }) => [at[0]!, at.at(-1)!] as const),
    ...times.map(({ at, until }) => [at, until] as const),
  ];
  const session: Span = [
    ends.reduce((least, [first]) => Math.min(least, first), Number.POSITIVE_INFINITY),
    ends.reduce((most, [, last]) => Math.max(most, last), Number.NEGATIVE_INFINITY) + windowUs,
  ];
  const comparisons = { all: Math.max(1, tracks.length * kinds.length * looks), ofOne: kinds.length };
  return tracks.flatMap((track) => kinds.map((kind) => answerOf(track, kind, session, windowUs, comparisons)));
};
