/** Bits that flip in a store, many of them. */
import { join } from 'node:path';
import { test } from 'vitest';
import { flipAndVerify, plantForFlips } from '../flipped-bits.ts';
import { temporaryFolder } from '../store-fixture.ts';
import { report } from './state.ts';

const flips = Number(process.env.SONDE_RUNS ?? 200);
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);

test(`${flips} flipped bits, seed ${seed}: each is said, and the rest is served`, async () => {
  const folder = temporaryFolder();
  const whole = join(folder, 'whole');
  await plantForFlips(whole);
  for (let i = 0; i < flips; i++) await flipAndVerify(whole, join(folder, 'flipped'), seed + i);
  report(
    `- Flipped bits, seed ${seed}: ${flips} in segments, commits and checkpoints, one at a time; each was said, and the rest served.`,
  );
});
