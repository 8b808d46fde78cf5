/** Processes against each other and against the kill signal: nothing is lost, and nothing is there twice. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openStore, type Store } from '../src/store/index.ts';
import { ask, temporaryFolder } from './store-fixture.ts';

interface Message {
  readonly kind: 'started' | 'committing' | 'committed';
  readonly id?: string;
  readonly added?: boolean;
}

const child = fileURLToPath(new URL('store-child.mjs', import.meta.url));

const startImports = (path: string, ids: readonly string[], rows: number): ChildProcess =>
  fork(child, [JSON.stringify({ path, ids, rows })]);

/** Waits for the process to end; the ids that it added. */
const addedBy = async (process: ChildProcess): Promise<readonly string[]> => {
  const added: string[] = [];
  process.on('message', ({ kind, id, added: won }: Message) => {
    if (kind === 'committed' && won === true) added.push(id!);
  });
  const [code] = await once(process, 'exit');
  expect(code).toBe(0);
  return added;
};

const sums = (store: Store) =>
  ask(
    store,
    `SELECT source, count(*) AS n, sum(up_bytes) AS bytes,
       (SELECT count(*) FROM dns WHERE dns.source = flows.source) AS dns,
       (SELECT count(*) FROM counters WHERE counters.source = flows.source) AS counters,
       (SELECT count(*) FROM imports WHERE imports.id = flows.source) AS imports
     FROM flows GROUP BY source ORDER BY source`,
  );

const whole = (source: string, rows: number) => ({
  source,
  n: rows,
  bytes: (rows * (rows - 1)) / 2,
  dns: rows,
  counters: rows,
  imports: 1,
});

/** A number from 0 to 1 by a linear congruential generator. */
const randomFrom = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

test('two processes import side by side, some of it the same: all of it is there, once', async () => {
  const path = join(temporaryFolder(), 'store');
  const own = (name: string) => Array.from({ length: 40 }, (_, i) => `${name}${String(i).padStart(2, '0')}`);
  const shared = own('both-');
  const [first, second] = await Promise.all(
    [own('first-'), own('second-')].map((ids) =>
      addedBy(
        startImports(
          path,
          ids.flatMap((id, i) => [id, shared[i]!]),
          3,
        ),
      ),
    ),
  );
  const ids = [...own('first-'), ...own('second-'), ...shared].sort();
  expect([...first!, ...second!].sort()).toEqual(ids);
  const store = await openStore(path, { writer: 'here' });
  expect(await sums(store)).toEqual(ids.map((id) => whole(id, 3)));
  expect(await store.unfinished()).toEqual({ sources: [], unreferenced: { files: 0, bytes: 0 } });
  const snapshot = await store.snapshot();
  expect(snapshot.problems).toEqual([]);
  expect(snapshot.sizes.find(({ table }) => table === 'flows')?.version).toBe(ids.length - 1);
  await snapshot.close();
});

test('imports that are killed at any moment never show by half, and are completed by a repeat', async () => {
  const seed = 20140222;
  const random = randomFrom(seed);
  const path = join(temporaryFolder(), 'store');
  const rows = 2000;
  const ids = Array.from({ length: 16 }, (_, i) => `import-${String(i).padStart(2, '0')}`);
  const killed: string[] = [];
  for (const id of ids) {
    const process = startImports(path, [id], rows);
    // Half of them while they write, half of them around the commits, which take a few milliseconds.
    const moment = random() < 0.5 ? 'started' : 'committing';
    const delayMs = random() * (moment === 'started' ? 150 : 80);
    process.on('message', ({ kind }: Message) => {
      if (kind === moment) setTimeout(() => process.kill('SIGKILL'), delayMs);
    });
    const [, signal] = await once(process, 'exit');
    if (signal === 'SIGKILL') killed.push(id);
    const store = await openStore(path, { writer: 'here' });
    const seen = await sums(store);
    expect(seen, `seed ${seed}, ${id} killed ${delayMs} ms after it ${moment}`).toEqual(
      seen.map(({ source }) => whole(String(source), rows)),
    );
  }
  expect(killed.length, 'as many kills as make the test worth its time').toBeGreaterThan(5);
  await addedBy(startImports(path, ids, rows));
  const store = await openStore(path, { writer: 'here' });
  expect(await sums(store)).toEqual(ids.map((id) => whole(id, rows)));
  expect((await store.unfinished()).sources).toEqual([]);
});
