/** Imports, captures, merges, rewrites and jobs side by side, killed at random moments: all that was acknowledged is there, whole, at every moment. */
import { expect, test } from 'vitest';
import { Random } from '../src/kit/random.ts';
import { killAll } from './kill-processes.ts';
import { temporaryFolder } from './store-fixture.ts';

const KILLS = 20;
// To look further: SONDE_SEED=7.
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);

test(`${KILLS} kills of processes that share a store, seed ${seed}`, async () => {
  const { looks, rows } = await killAll(temporaryFolder(), new Random(seed), KILLS);
  expect(looks).toBeGreaterThan(KILLS / 2);
  expect(rows).toBeGreaterThan(100);
}, 300_000);
