import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../src/store/index.ts';
import { flipAndVerify, plantForFlips } from './flipped-bits.ts';
import { temporaryFolder } from './store-fixture.ts';

const flips = 20;
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);

test(`${flips} flipped bits in segments, commits and checkpoints, of jobs too, are each said, and the rest is served; seed ${seed}`, async () => {
  const folder = temporaryFolder();
  const whole = join(folder, 'whole');
  await plantForFlips(whole);
  const verdicts = await (await openStore(whole)).verify();
  expect(verdicts.map(({ name, problems }) => [name, problems])).toEqual(
    ['logs', 'segments', 'doubles', 'sources'].map((name) => [name, []]),
  );
  for (let i = 0; i < flips; i++) await flipAndVerify(whole, join(folder, 'flipped'), seed + i);
}, 180_000);
