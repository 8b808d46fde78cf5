/** Rolling equals full recompute: for random jobs, windows, delays, late rows, strategies and restarts. */
import { test } from 'vitest';
import { playRounds } from './job-rounds.ts';
import { temporaryStore } from './store-fixture.ts';

const seeds = [20140222, 20140223, 20140224, 20140225, 20140226];

test.each(seeds)(
  'seed %i',
  async (seed) => {
    await playRounds(await temporaryStore({ memoryMb: 256, threads: 1 }), seed, 4);
  },
  300_000,
);
