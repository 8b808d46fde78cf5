/** The analysis of names: the schemes by which a service builds its host names, found and not typed. */
import type { Analysis } from '../analysis.ts';
import { schemes } from './schemes.ts';
import { unowned } from './unowned.ts';

export const names: Analysis = {
  name: 'names',
  title: 'Name schemes',
  question: 'How are the host names built, and what is each kind for?',
  folder: new URL('./', import.meta.url),
  options: [
    { name: 'top', doc: 'Templates in the tables, the heaviest.', initial: 20, allowed: { least: 1, most: 10_000 } },
    {
      name: 'least',
      doc: 'Distinct numbers or random marks that make a blank.',
      initial: 3,
      allowed: { least: 2, most: 1000 },
    },
  ],
  recipes: [schemes, unowned],
};
