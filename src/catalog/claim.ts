/** Patterns of names with the rules that they are of, in the order in which they win. */
import { compilePattern, type Pattern } from './pattern.ts';
import { patternKinds, type Rule } from './rule.ts';

export interface Claim {
  readonly pattern: Pattern;
  readonly rule: Rule;
  /** The least rank wins. */
  readonly rank: number;
}

type Unranked = Omit<Claim, 'rank'>;

/** Below 0 if the first wins over the second, 0 if only the order of files and lines decides. */
export const compareClaims = (a: Unranked, b: Unranked): number =>
  b.rule.priority - a.rule.priority ||
  b.pattern.labels - a.pattern.labels ||
  patternKinds.indexOf(a.pattern.kind) - patternKinds.indexOf(b.pattern.kind) ||
  b.pattern.literals - a.pattern.literals;

const claimsOf = (rule: Rule): Unranked[] =>
  rule.patterns.map(({ kind, text }) => {
    const pattern = compilePattern(kind, text);
    if (typeof pattern === 'string') throw new Error(`${rule.rule}: ${text}: ${pattern}`);
    return { pattern, rule };
  });

/** The claims of rules that come in the order of files and lines; the sort is stable, so that this order settles ties. */
export const rankClaims = (rules: readonly Rule[]): Claim[] =>
  rules
    .flatMap(claimsOf)
    .sort(compareClaims)
    .map((claim, rank) => ({ ...claim, rank }));
