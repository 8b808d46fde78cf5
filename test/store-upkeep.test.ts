/** Processes that write, merge and clean up a store at once, and are killed: nothing is lost, nothing is there twice, and readers never fail. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../src/kit/random.ts';
import { openStore } from '../src/store/index.ts';
import { temporaryFolder } from './store-fixture.ts';
import { countWhole, killUpkeep, writeMergeAndRead } from './upkeep-processes.ts';

const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
const KILLS = 4;

test('four processes import and merge at once: all of it is there, once, and each look finds whole imports', async () => {
  const { merged } = await writeMergeAndRead(join(temporaryFolder(), 'store'), 40);
  expect(merged).toBeGreaterThan(0);
}, 120_000);

test(`upkeep that is killed at any moment loses nothing and doubles nothing, seed ${seed}`, async () => {
  const random = new Random(seed);
  const path = join(temporaryFolder(), 'store');
  for (let run = 0; run < KILLS; run++) await killUpkeep(path, random, run);
  const store = await openStore(path);
  await store.compact();
  await store.vacuum({ removedMs: -1, unnamedMs: -1 });
  expect(await countWhole(path)).toBe(6 * KILLS);
  expect((await store.unfinished()).unreferenced.files).toBe(0);
}, 120_000);
