/** Processes that write, merge and clean up a store at once: nothing is lost, nothing is there twice, and readers never fail. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Random } from '../src/kit/random.ts';
import { openStore } from '../src/store/index.ts';
import { ask, temporaryFolder } from './store-fixture.ts';

// To look further: SONDE_SEED=7 SONDE_RUNS=100.
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
const runs = Number(process.env.SONDE_RUNS ?? 4);

const childOf = (name: string, argument: object): ChildProcess =>
  fork(fileURLToPath(new URL(name, import.meta.url)), [JSON.stringify(argument)]);
const startImports = (path: string, ids: readonly string[], rows: number): ChildProcess =>
  childOf('store-child.mjs', { path, ids, rows });

/** Longer than any query below takes. */
const graceMs = 3000;
const startUpkeep = (path: string): ChildProcess => childOf('upkeep-child.mjs', { path, graceMs });

const endOf = async (process: ChildProcess): Promise<number | null> => (await once(process, 'exit'))[0];

/** How many imports show; each must be whole and there once. */
const countWhole = async (path: string, rows: number): Promise<number> => {
  const store = await openStore(path);
  const found = await ask(
    store,
    `WITH each_table AS (
       SELECT source, count(*) AS n, sum(up_bytes) AS bytes FROM flows GROUP BY source
       UNION ALL SELECT source, count(*), NULL FROM dns GROUP BY source
       UNION ALL SELECT source, count(*), NULL FROM counters GROUP BY source
       UNION ALL SELECT id, ${rows} * count(*), NULL FROM imports GROUP BY id)
     SELECT source, count(*) AS tables, min(n) AS least, max(n) AS most, max(bytes) AS bytes
     FROM each_table GROUP BY source`,
  );
  const wrong = found.filter(
    ({ tables, least, most, bytes }) =>
      tables !== 4 || least !== rows || most !== rows || bytes !== (rows * (rows - 1)) / 2,
  );
  expect(wrong).toEqual([]);
  return found.length;
};

test('four processes import and merge at once: all of it is there, once, and each look finds whole imports', async () => {
  const path = join(temporaryFolder(), 'store');
  const idsOf = (name: string) => Array.from({ length: 40 }, (_, i) => `${name}-${i}`);
  const writers = ['first', 'second'].map((name) => startImports(path, idsOf(name), 20));
  const keepers = [startUpkeep(path), startUpkeep(path)];
  let merged = 0;
  for (const keeper of keepers)
    keeper.on('message', (message: { readonly merged: number }) => {
      merged = Math.max(merged, message.merged);
    });
  let isOver = false;
  const written = Promise.all(writers.map(endOf)).finally(() => {
    isOver = true;
  });
  let seen = 0;
  while (!isOver) {
    const found = await countWhole(path, 20);
    expect(found).toBeGreaterThanOrEqual(seen);
    seen = found;
  }
  expect(await written).toEqual([0, 0]);
  for (const keeper of keepers) keeper.send('stop');
  expect(await Promise.all(keepers.map(endOf))).toEqual([0, 0]);
  expect(await countWhole(path, 20)).toBe(80);
  expect(merged).toBeGreaterThan(0);
  expect(await (await openStore(path)).unfinished()).toMatchObject({ sources: [] });
});

test(`upkeep that is killed at any moment loses nothing and doubles nothing, seed ${seed}`, async () => {
  const random = new Random(seed);
  const path = join(temporaryFolder(), 'store');
  for (let run = 0; run < runs; run++) {
    const ids = Array.from({ length: 6 }, (_, i) => `run-${run}-${i}`);
    const writer = startImports(path, ids, 20);
    const keeper = startUpkeep(path);
    const killed = endOf(keeper);
    const delayMs = random.between(100, 900);
    await Promise.all([endOf(writer), sleep(delayMs).then(() => keeper.kill('SIGKILL'))]);
    await killed;
    expect(await countWhole(path, 20), `seed ${seed}, run ${run}, killed after ${delayMs} ms`).toBe(6 * (run + 1));
  }
  const store = await openStore(path);
  await store.compact();
  await store.vacuum({ removedMs: -1, unnamedMs: -1 });
  expect(await countWhole(path, 20)).toBe(6 * runs);
  expect((await store.unfinished()).unreferenced.files).toBe(0);
});
