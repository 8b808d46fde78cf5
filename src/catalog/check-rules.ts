/** What is wrong with the rules of a catalog, or of no use: conflicts, rules that others shadow, examples that others win, dates that have passed. */
import type { Catalog } from './catalog.ts';
import { checkNamelessRules } from './check-nameless-rules.ts';
import { type Claim, compareClaims, rankClaims } from './claim.ts';
import type { Finding } from './finding.ts';
import { acceptsName, compilePattern, type Pattern } from './pattern.ts';
import { commonName, covers } from './pattern-relations.ts';
import { describeRule, type Rule } from './rule.ts';
import { holdsWherever, mayBothHold } from './rule-conditions.ts';

/** Claims by the tail of their pattern. */
class ClaimsByTail {
  readonly #claims = new Map<string, Claim[]>();

  constructor(claims: readonly Claim[]) {
    for (const claim of claims) {
      const key = claim.pattern.tail.join(' ');
      const others = this.#claims.get(key);
      if (others === undefined) this.#claims.set(key, [claim]);
      else others.push(claim);
    }
  }

  /** Those at the tail of a claim or above: a pattern that covers its pattern is among them. */
  above({ pattern: { tail } }: Claim): Claim[] {
    const keys = tail.map((_, i) => tail.slice(0, i + 1).join(' '));
    return ['', ...keys].flatMap((key) => this.#claims.get(key) ?? []);
  }
}

/** Of two claims of which neither wins but by the order of files the one that yields is told of. */
const checkConflicts = (claims: readonly Claim[], byTail: ClaimsByTail): Finding[] =>
  claims.flatMap((claim) =>
    byTail.above(claim).flatMap((other): Finding[] => {
      // Of two at the same tail each is above the other.
      const isSeen = other.pattern.tail.length === claim.pattern.tail.length && other.rank > claim.rank;
      const isTied = !isSeen && other.rule.service !== claim.rule.service && compareClaims(other, claim) === 0;
      if (!isTied || !mayBothHold(other.rule, claim.rule)) return [];
      const witness = commonName(other.pattern, claim.pattern, [...other.rule.examples, ...claim.rule.examples]);
      if (witness === undefined) return [];
      const [winner, loser] = other.rank < claim.rank ? [other, claim] : [claim, other];
      return [{ kind: 'conflict', rule: loser.rule, claim: loser.pattern.text, other: winner.rule, witness }];
    }),
  );

/** Claims that another one wins for every name. One of equal strength, of another service, is a conflict instead. */
const checkShadows = (claims: readonly Claim[], byTail: ClaimsByTail): Finding[] =>
  claims.flatMap((claim): Finding[] => {
    const shadow = byTail
      .above(claim)
      .find(
        (other) =>
          other.rank < claim.rank &&
          other.rule !== claim.rule &&
          (other.rule.service === claim.rule.service || compareClaims(other, claim) < 0) &&
          covers(other.pattern, claim.pattern) &&
          holdsWherever(claim.rule, other.rule),
      );
    if (shadow === undefined) return [];
    const { rule, pattern } = claim;
    return [{ kind: 'shadowed', rule, claim: pattern.text, other: shadow.rule, witness: shadow.pattern.text }];
  });

/** Examples that another rule wins wherever the rule itself holds. */
const lostExamples = (catalog: Catalog, rule: Rule): Finding[] =>
  rule.examples.flatMap((example): Finding[] => {
    const winner = catalog.matchesOf(example).find((other) => other === rule || holdsWherever(rule, other));
    return winner === undefined || winner === rule
      ? []
      : [{ kind: 'lost', rule, claim: example, other: winner, witness: describeRule(winner) }];
  });

const untestedPatterns = (rule: Rule): Finding[] =>
  rule.patterns
    .filter(({ kind, text }) => {
      const pattern = compilePattern(kind, text) as Pattern;
      return !rule.examples.some((example) => acceptsName(pattern, example));
    })
    .map(({ text }) => ({ kind: 'untested', rule, claim: text, witness: '' }));

const toDay = (at: number): string => new Date(at / 1000).toISOString().slice(0, 10);

/**
 * Looks at the rules alone, without any traffic; in the order of files and lines.
 *
 * What can be decided is: exact names, suffixes and globs against each other, payloads, ports. Of regular expressions,
 * and of rules that only several others together shadow, only what their examples show is found.
 *
 * @param at now, UTC microseconds
 */
export const checkRules = (catalog: Catalog, at: number): Finding[] => {
  const rules = catalog.files.flatMap((file) => file.rules);
  const places = new Map(rules.map((rule, i) => [rule, i]));
  const claims = rankClaims(rules);
  const byTail = new ClaimsByTail(claims);
  return [
    ...checkConflicts(claims, byTail),
    ...checkShadows(claims, byTail),
    ...checkNamelessRules(rules),
    ...rules.flatMap((rule) => lostExamples(catalog, rule)),
    ...rules.flatMap(untestedPatterns),
    ...rules
      .filter(({ validUntil }) => validUntil <= at)
      .map((rule): Finding => ({ kind: 'expired', rule, claim: '', witness: toDay(rule.validUntil) })),
  ].sort((a, b) => places.get(a.rule)! - places.get(b.rule)!);
};
