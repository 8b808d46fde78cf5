/** Processes against each other and against the kill signal: nothing is lost, and nothing is there twice. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
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
  const own = (name: string) => Array.from({ length: 30 }, (_, i) => `${name}${String(i).padStart(2, '0')}`);
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
  const store = await openStore(path);
  expect(await sums(store)).toEqual(ids.map((id) => whole(id, 3)));
  expect(await store.unfinished()).toEqual({ sources: [], unreferenced: { files: 0, bytes: 0 }, rewritten: [] });
  const snapshot = await store.snapshot();
  expect(snapshot.problems).toEqual([]);
  expect(snapshot.sizes.find(({ table }) => table === 'flows')?.version).toBe(ids.length - 1);
  await snapshot.close();
});

test('imports that are killed at any moment never show by half, and are completed by a repeat', async () => {
  const seed = 20140222;
  const random = randomFrom(seed);
  const path = join(temporaryFolder(), 'store');
  const rows = 600;
  const ids = Array.from({ length: 13 }, (_, i) => `import-${String(i).padStart(2, '0')}`);
  await addedBy(startImports(path, ids.slice(0, 1), rows));
  let halves = 0;
  for (const [i, id] of ids.entries()) {
    if (i === 0) continue;
    const process = startImports(path, [id], rows);
    const ended = new AbortController();
    const kill = (): boolean => process.kill('SIGKILL');
    // A third of them some time after the start; the others when they begin to write a table's commit, for the commits
    // of an import take a few milliseconds only.
    const table = ['', 'dns', 'imports'][i % 3]!;
    const delayMs = random() * 400;
    process.once('message', () => {
      if (table === '') setTimeout(kill, delayMs);
      else watch(join(path, table, '_delta_log'), { signal: ended.signal }, kill);
    });
    await once(process, 'exit');
    ended.abort();
    const store = await openStore(path);
    const seen = await sums(store);
    const moment = table === '' ? `${delayMs} ms after the start` : `at the commit of ${table}`;
    expect(seen, `seed ${seed}, ${id} killed ${moment}`).toEqual(seen.map(({ source }) => whole(String(source), rows)));
    halves += Number((await store.unfinished()).sources.includes(id));
  }
  expect(halves, 'kills between two commits of an import').toBeGreaterThan(0);
  const repeat = await openStore(path);
  const missing = ids.length - (await sums(repeat)).length;
  expect(await addedBy(startImports(path, ids, rows))).toHaveLength(missing);
  expect(await sums(repeat)).toEqual(ids.map((id) => whole(id, rows)));
  expect((await repeat.unfinished()).sources).toEqual([]);
});
