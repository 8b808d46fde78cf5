/** Processes that import into a store, and processes that merge and clean it up meanwhile; and whether what they leave is whole. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Random } from '../src/kit/random.ts';
import { openStore } from '../src/store/index.ts';
import { ask } from './store-fixture.ts';

/** Longer than any query takes here. */
const graceMs = 3000;
const ROWS = 20;

const childOf = (name: string, argument: object): ChildProcess =>
  fork(fileURLToPath(new URL(name, import.meta.url)), [JSON.stringify(argument)]);
const startImports = (path: string, ids: readonly string[]): ChildProcess =>
  childOf('store-child.mjs', { path, ids, rows: ROWS });
const startUpkeep = (path: string): ChildProcess => childOf('upkeep-child.mjs', { path, graceMs });
const endOf = async (process: ChildProcess): Promise<number | null> => (await once(process, 'exit'))[0];

/** How many imports show; each must be whole and there once. */
export const countWhole = async (path: string): Promise<number> => {
  const found = await ask(
    await openStore(path),
    `WITH each_table AS (
       SELECT source, count(*) AS n, sum(up_bytes) AS bytes FROM flows GROUP BY source
       UNION ALL SELECT source, count(*), NULL FROM dns GROUP BY source
       UNION ALL SELECT source, count(*), NULL FROM counters GROUP BY source
       UNION ALL SELECT id, ${ROWS} * count(*), NULL FROM imports GROUP BY id)
     SELECT source, count(*) AS tables, min(n) AS least, max(n) AS most, max(bytes) AS bytes
     FROM each_table GROUP BY source`,
  );
  const wrong = found.filter(
    ({ tables, least, most, bytes }) =>
      tables !== 4 || least !== ROWS || most !== ROWS || bytes !== (ROWS * (ROWS - 1)) / 2,
  );
  expect(wrong).toEqual([]);
  return found.length;
};

/**
 * Two processes import and two merge and clean up, while this one looks again and again: each look must find whole
 * imports, once, and none less than before.
 *
 * @returns how often was looked, merged, and what was replaced taken off the disk, in the end
 */
export const writeMergeAndRead = async (path: string, importsEach: number) => {
  const idsOf = (name: string) => Array.from({ length: importsEach }, (_, i) => `${name}-${i}`);
  const writers = ['first', 'second'].map((name) => startImports(path, idsOf(name)));
  const keepers = [startUpkeep(path), startUpkeep(path)];
  const done = keepers.map(() => ({ merged: 0, files: 0 }));
  keepers.forEach((keeper, i) => {
    keeper.on('message', (message: { readonly merged: number; readonly files: number }) => {
      done[i] = message;
    });
  });
  let isOver = false;
  const written = Promise.all(writers.map(endOf)).finally(() => {
    isOver = true;
  });
  let seen = 0;
  let looks = 0;
  for (; !isOver; looks++) {
    const found = await countWhole(path);
    expect(found).toBeGreaterThanOrEqual(seen);
    seen = found;
  }
  expect(await written).toEqual([0, 0]);
  for (const keeper of keepers) keeper.send('stop');
  expect(await Promise.all(keepers.map(endOf))).toEqual([0, 0]);
  expect(await countWhole(path)).toBe(2 * importsEach);
  expect((await (await openStore(path)).unfinished()).sources).toEqual([]);
  const sum = (of: 'merged' | 'files') => done.reduce((total, one) => total + one[of], 0);
  return { looks, merged: sum('merged'), removedFiles: sum('files') };
};

/** Imports while upkeep runs that is killed at a random moment; then all must be there, once. */
export const killUpkeep = async (path: string, random: Random, run: number): Promise<void> => {
  const ids = Array.from({ length: 6 }, (_, i) => `run-${run}-${i}`);
  const keeper = startUpkeep(path);
  const killed = endOf(keeper);
  const delayMs = random.between(100, 900);
  await Promise.all([endOf(startImports(path, ids)), sleep(delayMs).then(() => keeper.kill('SIGKILL'))]);
  await killed;
  expect(await countWhole(path), `run ${run}, killed after ${delayMs} ms`).toBe(6 * (run + 1));
};
