/** Which flows could have a name at all: said by every card that counts them. */
import type { Results } from '../analysis.ts';
import type { Exclusion } from '../card.ts';
import { numberOf } from '../query.ts';

export const eligibleMethod = 'Eligible are TCP and UDP flows, except DNS itself (server port 53 or 5353).';

/** The flows left out, from the query `ineligible`. */
export const ineligible = (results: Results): readonly Exclusion[] => {
  const row = results('ineligible')[0]!;
  return [
    { reason: 'Left out (neither TCP nor UDP)', n: numberOf(row, 'other_protocols') },
    { reason: 'Left out (DNS itself, server port 53 or 5353)', n: numberOf(row, 'dns_itself') },
  ];
};
