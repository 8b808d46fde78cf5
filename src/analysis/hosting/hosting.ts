/** The analysis of hosting: who runs the servers of a service, in which networks, how many at a time, and how far away. */
import type { Analysis } from '../analysis.ts';
import { active } from './active.ts';
import { addresses } from './addresses.ts';
import { classes } from './classes.ts';
import { distances } from './distances.ts';
import { networks } from './networks.ts';
import { prefixes } from './prefixes.ts';
import { rtt } from './rtt.ts';
import { split } from './split.ts';

export const hosting: Analysis = {
  name: 'hosting',
  title: 'Hosting',
  question: 'Who hosts the service, in which networks, how do its servers come and go, and how far away are they?',
  folder: new URL('./', import.meta.url),
  options: [
    { name: 'top', doc: 'Rows in lists of the heaviest.', initial: 100, allowed: { least: 1, most: 1_000_000 } },
    {
      name: 'least_flows',
      doc: 'Handshakes that a server, or a network of them, needs for its least RTT to count.',
      initial: 3,
      allowed: { least: 1, most: 1_000_000 },
    },
  ],
  locates: true,
  recipes: [networks, classes, active, rtt, distances, split, prefixes, addresses],
};
