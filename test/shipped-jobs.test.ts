/** Rolling equals full recompute for every job that comes with the program: whatever comes late, and whoever runs them. */
import { test } from 'vitest';
import { playShipped } from './shipped-jobs.ts';
import { temporaryStore } from './store-fixture.ts';

const seeds = [20140222, 20140223, 20140224];

test.each(seeds)(
  'seed %i',
  async (seed) => {
    await playShipped(await temporaryStore({ memoryMb: 512, threads: 1 }), seed, 5);
  },
  300_000,
);
