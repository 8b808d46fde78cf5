/** Something that a look at the rules found. */
import type { Rule } from './rule.ts';

/**
 * - `conflict`: another service claims the same with equal strength, so that the names of files decide.
 * - `shadowed`: another rule wins all that the pattern claims.
 * - `lost`: an example of the rule is won by another rule.
 * - `untested`: no example shows what the pattern claims.
 * - `expired`: the last date of the rule has passed; good for old captures, or forgotten.
 * - `unused`: no flow was labelled by it lately, though some were before.
 */
export type FindingKind = 'conflict' | 'shadowed' | 'lost' | 'untested' | 'expired' | 'unused';

/** Those that say that something is wrong; the others are worth knowing. */
export const faults: ReadonlySet<FindingKind> = new Set(['conflict', 'shadowed', 'lost']);

export interface Finding {
  readonly kind: FindingKind;
  readonly rule: Rule;
  /** What it is about: a pattern, a payload, a port; '' for the whole rule. */
  readonly claim: string;
  /** The rule that is in the way. */
  readonly other?: Rule;
  /** For `conflict` what both claim, for `shadowed` what covers the claim, for `expired` the first day without the rule, for `unused` the day of the last flow. */
  readonly witness: string;
}
