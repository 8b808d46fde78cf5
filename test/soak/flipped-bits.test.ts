/** Bits that flip in a store, many of them. */
import { join } from 'node:path';
import { test } from 'vitest';
import { type Flip, flipAndVerify, plantForFlips } from '../flipped-bits.ts';
import { temporaryFolder } from '../store-fixture.ts';
import { report, tell } from './state.ts';

const flips = Number(process.env.SONDE_RUNS ?? 200);
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);

test(`${flips} flipped bits, seed ${seed}: each is said, and the rest is served`, async () => {
  const folder = temporaryFolder();
  const whole = join(folder, 'whole');
  await plantForFlips(whole);
  const found: Flip[] = [];
  for (let i = 0; i < flips; i++) {
    found.push(await flipAndVerify(whole, join(folder, 'flipped'), seed + i));
    if (i % 20 === 19) tell(`flipped bits: ${i + 1} of ${flips}`);
  }
  const count = (...kinds: readonly Flip[]): number => found.filter((flip) => kinds.includes(flip)).length;
  const passed = count('segment read as it was', 'segment read as something else');
  report(
    `- Flipped bits, seed ${seed}: ${flips} in segments, commits and checkpoints, one at a time; each was said, and the rest served. A reader of Parquet that knows no hashes reads ${passed} of the ${flips - count('log')} damaged segments without a word, ${count('segment read as something else')} of them with other values.`,
  );
});
