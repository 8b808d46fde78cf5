/** The soak test of kills: processes of every kind on one store, killed 500 times, in stores of their own for each 20 kills. */
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Random } from '../../src/kit/random.ts';
import { killAll } from '../kill-processes.ts';
import { temporaryFolder } from '../store-fixture.ts';
import { load, report, save, tell } from './state.ts';

const NAME = 'kills';
const STEP = 20;
const KILLS = Number(process.env.SONDE_SOAK_KILLS ?? 500);
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);

test(`${KILLS} kills of processes that share a store, seed ${seed}`, async () => {
  const none = { kills: 0, looks: 0, imports: 0, streams: 0 };
  let done = load<typeof none>(NAME) ?? none;
  if (done.kills >= KILLS) return;
  while (done.kills < KILLS) {
    const folder = temporaryFolder();
    const { looks, imports, streams } = await killAll(folder, new Random(seed).fork(done.kills), STEP);
    rmSync(folder, { recursive: true });
    done = {
      kills: done.kills + STEP,
      looks: done.looks + looks,
      imports: done.imports + imports,
      streams: done.streams + streams,
    };
    save(NAME, done);
    tell(`kills: ${done.kills} of ${KILLS}`);
  }
  expect(done.looks).toBeGreaterThan(0);
  report(
    `- Processes that import, capture, merge, reclassify and run jobs over one store, seed ${seed}: ${done.kills} kills, ${done.imports} imports, ${done.streams} captures; at each of ${done.looks} looks all that was acknowledged was there, and in the end the same as without a kill.`,
  );
});
