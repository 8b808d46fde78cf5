/** The analysis of coverage: what share of the traffic has a name and an owner, on which evidence. */
import type { Analysis } from '../analysis.ts';
import { agreement } from './agreement.ts';
import { ambiguity } from './ambiguity.ts';
import { delay } from './delay.ts';
import { evidence } from './evidence.ts';
import { services } from './services.ts';
import { unowned } from './unowned.ts';
import { warmUp } from './warm-up.ts';

export const coverage: Analysis = {
  name: 'coverage',
  title: 'Coverage',
  question: 'What share of the traffic has a name and an owner, and on which evidence?',
  folder: new URL('./', import.meta.url),
  options: [
    { name: 'top', doc: 'Rows in lists of the heaviest.', initial: 20, allowed: { least: 1, most: 10_000 } },
    {
      name: 'grace_s',
      doc: 'Seconds for which a DNS name is still shown as within grace after its TTL; labelling used 3600.',
      initial: 3600,
      allowed: [0, 60, 300, 900, 3600, 21_600, 86_400, 604_800],
    },
  ],
  recipes: [evidence, services, unowned, agreement, ambiguity, delay, warmUp],
};
