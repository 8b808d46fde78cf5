/** The soak test of upkeep: a reader through hundreds of merges and clean-ups, and a hundred kills. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../src/kit/random.ts';
import { openStore } from '../../src/store/index.ts';
import { temporaryFolder } from '../store-fixture.ts';
import { killUpkeep, writeMergeAndRead } from '../upkeep-processes.ts';
import { load, report, save, tell } from './state.ts';

const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
const IMPORTS_EACH = Number(process.env.SONDE_SOAK_IMPORTS ?? 500);
const KILLS = Number(process.env.SONDE_SOAK_KILLS ?? 100);

test('four processes import and merge at once while a fifth reads', async () => {
  const name = 'upkeep-readers';
  if (load(name) !== undefined) return;
  const { looks, merged, removedFiles } = await writeMergeAndRead(join(temporaryFolder(), 'store'), IMPORTS_EACH);
  expect(merged).toBeGreaterThan(IMPORTS_EACH / 5);
  expect(removedFiles).toBeGreaterThan(IMPORTS_EACH);
  report(
    `- Two processes made ${2 * IMPORTS_EACH} imports, two merged (${merged} tables) and took ${removedFiles} files off the disk, a fifth looked ${looks} times: each look found whole imports, once.`,
  );
  save(name, { merged });
});

test(`kills, seed ${seed}`, async () => {
  const name = 'upkeep-kills';
  const { done } = load<{ readonly done: number }>(name) ?? { done: 0 };
  // A store of ten kills is large enough.
  for (let from = done; from < KILLS; from += 10) {
    const random = new Random(seed).fork(from);
    const folder = temporaryFolder();
    const path = join(folder, 'store');
    for (let run = 0; run < 10; run++) await killUpkeep(path, random, run);
    await (await openStore(path)).vacuum();
    rmSync(folder, { recursive: true });
    save(name, { done: from + 10 });
    tell(`upkeep: ${from + 10} of ${KILLS} kills`);
  }
  if (done < KILLS)
    report(`- Upkeep killed ${KILLS} times at random moments beside imports: nothing lost, nothing twice.`);
});
