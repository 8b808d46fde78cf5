/** The templates behind the names that no rule owns: where the next rules come from. */
import type { Recipe } from '../analysis.ts';
import { readSchemes } from './read-schemes.ts';
import { schemeCard } from './scheme-card.ts';

export const unowned: Recipe = {
  id: 'unowned',
  title: 'Name schemes without an owner',
  question: 'How are the names built that no rule owns?',
  unit: 'flows',
  queries: ['names', 'servers', 'sizes'],
  allTraffic: true,
  nothing: {
    finding: 'Every name that was seen in the range belongs to a service, or no name was seen at all.',
    hint: 'The card on evidence says which: sonde show coverage',
  },
  make: (results, { service, options }) =>
    schemeCard(readSchemes(results, service, true, options.least!), 'traffic that no rule owns', options.top!),
};
