/** The templates behind the names of a service, or of all traffic. */
import { type Recipe, subjectOf } from '../analysis.ts';
import { readSchemes } from './read-schemes.ts';
import { schemeCard } from './scheme-card.ts';

export const schemes: Recipe = {
  id: 'schemes',
  title: 'Name schemes',
  question: 'How are the names built, and what is each kind for?',
  unit: 'flows',
  queries: ['names', 'servers', 'sizes'],
  nothing: {
    finding: 'No TCP or UDP flow of this scope has a name.',
    hint: 'The card on evidence says how names are known: sonde show coverage',
  },
  make: (results, context) => {
    const { service, options } = context;
    return schemeCard(readSchemes(results, service, false, options.least!), subjectOf(context), options.top!);
  },
};
