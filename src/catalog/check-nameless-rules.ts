/** What is wrong with rules of payload and of ports: two services that claim the same, rules that others leave nothing. */
import type { Finding } from './finding.ts';
import { comparePayloadPatterns, type PayloadPattern } from './payload-pattern.ts';
import { kindOfRule, type Rule } from './rule.ts';
import { holdsWherever, mayBothHold } from './rule-conditions.ts';

/** Does the first pattern accept every payload that the second accepts? */
const coversPayload = (a: PayloadPattern, b: PayloadPattern): boolean => {
  if (a.kind === 'bytes') return b.kind === 'bytes' && a.bytes.every((byte, i) => byte === b.bytes[i]);
  return b.kind === 'stun' && (a.attribute === undefined || a.attribute === b.attribute);
};

/** A claim to something without a name; `at` is its place in the order of files and lines. */
interface NamelessClaim {
  readonly rule: Rule;
  readonly text: string;
  readonly at: number;
  readonly payload?: PayloadPattern;
}

/** The same port, or a payload that is within the other. */
const isWithin = (narrow: NamelessClaim, wide: NamelessClaim): boolean =>
  narrow.payload === undefined || wide.payload === undefined
    ? narrow.text === wide.text
    : coversPayload(wide.payload, narrow.payload);

/** As `NamelessRules` puts them in order, but for the order of files and lines. */
const compare = (a: NamelessClaim, b: NamelessClaim): number =>
  b.rule.priority - a.rule.priority ||
  (a.payload === undefined || b.payload === undefined ? 0 : comparePayloadPatterns(a.payload, b.payload));

const findingsOf = (claims: readonly NamelessClaim[]): Finding[] =>
  claims.flatMap((claim): Finding[] => {
    const { rule, text } = claim;
    const stronger = claims.filter(
      (other) =>
        other.rule !== rule &&
        isWithin(claim, other) &&
        mayBothHold(other.rule, rule) &&
        (compare(other, claim) || other.at - claim.at) < 0,
    );
    return stronger.flatMap((other): Finding[] => {
      const isTied = compare(other, claim) === 0 && other.rule.service !== rule.service;
      if (isTied) return [{ kind: 'conflict', rule, claim: text, other: other.rule, witness: text }];
      return holdsWherever(rule, other.rule)
        ? [{ kind: 'shadowed', rule, claim: text, other: other.rule, witness: other.text }]
        : [];
    });
  });

/** `rules`: in the order of files and lines. */
export const checkNamelessRules = (rules: readonly Rule[]): Finding[] => [
  ...findingsOf(
    rules.flatMap((rule, at) => rule.payloads.map((payload) => ({ rule, text: payload.text, at, payload }))),
  ),
  ...findingsOf(
    rules.flatMap((rule, at) =>
      kindOfRule(rule) === 'ports' ? rule.ports.map((port) => ({ rule, text: `${rule.protocol} ${port}`, at })) : [],
    ),
  ),
];
