/** The analysis of traffic: what the flows of a service carry, how long they last, and how the volume goes over time. */
import type { Analysis } from '../analysis.ts';
import { classes } from './classes.ts';
import { durations } from './durations.ts';
import { sizes } from './sizes.ts';
import { volume } from './volume.ts';

export const traffic: Analysis = {
  name: 'traffic',
  title: 'Traffic',
  question: 'What does the traffic look like: classes, sizes, durations, and the course of a day?',
  folder: new URL('./', import.meta.url),
  options: [],
  recipes: [classes, sizes, durations, volume],
};
