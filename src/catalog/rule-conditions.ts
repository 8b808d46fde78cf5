/** What rules ask for besides a name: dates, ports, protocol, systems; and whether two rules may hold for one flow. */
import type { Rule } from './rule.ts';

/** An empty list is any. */
const listsMeet = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === 0 || b.length === 0 || a.some((one) => b.includes(one));

const listWithin = (narrow: readonly number[], wide: readonly number[]): boolean =>
  wide.length === 0 || (narrow.length > 0 && narrow.every((one) => wide.includes(one)));

/** May a flow fulfil the conditions of both? */
export const mayBothHold = (a: Rule, b: Rule): boolean =>
  Math.max(a.validFrom, b.validFrom) < Math.min(a.validUntil, b.validUntil) &&
  listsMeet(a.ports, b.ports) &&
  (a.protocol === '' || b.protocol === '' || a.protocol === b.protocol) &&
  listsMeet(a.asns, b.asns);

/** Does the second rule hold for every flow for which the first does, as far as conditions go? */
export const holdsWherever = (narrow: Rule, wide: Rule): boolean =>
  wide.validFrom <= narrow.validFrom &&
  narrow.validUntil <= wide.validUntil &&
  listWithin(narrow.ports, wide.ports) &&
  (wide.protocol === '' || wide.protocol === narrow.protocol) &&
  listWithin(narrow.asns, wide.asns);
