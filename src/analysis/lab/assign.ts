/** The action that each template is for, of all that it answers: a connection that answers everything explains nothing else. */
import { sumOf } from '../sums.ts';
import type { Answer, Kind } from './associate.ts';
import type { Track } from './transfer.ts';

export interface Assignment {
  readonly track: Track;
  /** Undefined: it follows several actions alike, and others explain each of these better. */
  readonly answer: Answer | undefined;
  /** Class for a rule. */
  readonly class: string;
  /** What else it answers beyond chance. */
  readonly besides: readonly Answer[];
}

/** More than this share of what a template answers makes it that action's own. */
const OWN = 0.5;

const excess = ({ hits, kind, chance }: Answer): number => Math.max(0, hits / kind.times.length - chance);

const surest = (answers: readonly Answer[]): Answer =>
  answers.reduce((a, b) =>
    b.confidence > a.confidence || (b.confidence === a.confidence && excess(b) > excess(a)) ? b : a,
  );

const assignmentOf = (track: Track, answers: readonly Answer[], own: Answer | undefined): Assignment => ({
  track,
  answer: own,
  class: own?.kind.class ?? 'control',
  besides: answers.filter((answer) => answer.isSignificant && answer !== own),
});

/**
 * Assigns each template that answers anything beyond chance.
 *
 * A template is one action's own if that action has more than half of the rates by which it exceeds chance, over all actions. A
 * template that answers several alike goes to the surest of the likely actions that no template has for its own, and where there
 * is none it is control: the connection over which the rest is arranged.
 *
 * @param answers of all pairs
 * @returns by template, in the order of the answers
 */
export const assign = (answers: readonly Answer[]): readonly Assignment[] => {
  const byTrack = new Map<Track, Answer[]>();
  for (const answer of answers) byTrack.set(answer.track, [...(byTrack.get(answer.track) ?? []), answer]);
  const answering = [...byTrack].filter(([, group]) => group.some(({ isSignificant }) => isSignificant));
  const owned = new Map<Track, Answer>();
  const explained = new Set<Kind>();
  for (const [track, group] of answering) {
    const all = sumOf(group, excess);
    const own = group.find((answer) => answer.isSignificant && excess(answer) > OWN * all);
    if (own === undefined) continue;
    owned.set(track, own);
    explained.add(own.kind);
  }
  return answering.map(([track, group]) => {
    const open = group.filter(({ kind, isLikely }) => isLikely && !explained.has(kind));
    const own = owned.get(track) ?? (open.length > 0 ? surest(open) : undefined);
    return assignmentOf(track, group, own);
  });
};
