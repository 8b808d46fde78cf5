/** The analysis of hosting: who runs the servers of a service, in which networks, and how many of them at a time. */
import type { Analysis } from '../analysis.ts';
import { active } from './active.ts';
import { addresses } from './addresses.ts';
import { classes } from './classes.ts';
import { networks } from './networks.ts';
import { prefixes } from './prefixes.ts';
import { split } from './split.ts';

export const hosting: Analysis = {
  name: 'hosting',
  title: 'Hosting',
  question: 'Who hosts the service, in which networks, and how do its servers come and go?',
  folder: new URL('./', import.meta.url),
  options: [
    { name: 'top', doc: 'Rows in lists of the heaviest.', initial: 100, allowed: { least: 1, most: 1_000_000 } },
    {
      name: 'least_flows',
      doc: 'Handshakes that a network of servers needs for its least RTT to count.',
      initial: 3,
      allowed: { least: 1, most: 1_000_000 },
    },
  ],
  recipes: [networks, classes, active, split, prefixes, addresses],
};
