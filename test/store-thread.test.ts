/** The thread that writes segments, in the built code. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addFlows, ask, flowRows, importRow, temporaryFolder } from './store-fixture.ts';

const built = new URL('../dist/store/index.js', import.meta.url).href;
const { openStore } = (await import(built)) as typeof import('../src/store/index.ts');

const storeWithThread = async () => {
  const store = await openStore(join(temporaryFolder(), 'store'));
  await store.bindKey('0123456789abcdef');
  onTestFinished(() => store.close());
  return store;
};

test('arrays of batches are handed over, not copied, and their rows arrive', async () => {
  const store = await storeWithThread();
  const run = store.beginImport('a');
  const batches = Array.from({ length: 12 }, () => flowRows('a', 100));
  for (const batch of batches) await run.write(batch);
  expect(batches.flatMap(({ columns }) => columns).every(({ values }) => values.length === 0)).toBe(true);
  await run.write(importRow('a'));
  expect(await run.commit()).toEqual({ added: true });
  expect(await ask(store, 'SELECT count(*) AS n, sum(up_bytes) AS bytes FROM flows')).toEqual([
    { n: 1200, bytes: 1_200_000 },
  ]);
});

test('several imports at once share the thread', async () => {
  const store = await storeWithThread();
  await Promise.all(['a', 'b', 'c'].map((id) => addFlows(store, id, 50)));
  expect(await ask(store, 'SELECT source, count(*) AS n FROM flows GROUP BY source ORDER BY source')).toEqual(
    ['a', 'b', 'c'].map((source) => ({ source, n: 50 })),
  );
});

test('what goes wrong in the thread is told to the import, which can be repeated', async () => {
  const store = await storeWithThread();
  const obstacle = join(store.path, 'flows');
  writeFileSync(obstacle, 'a file where the folder of the table should be');
  const run = store.beginImport('a');
  await run.write(flowRows('a', 3));
  await run.write(importRow('a'));
  await expect(run.commit()).rejects.toMatchObject({ name: 'SondeError', code: 'SONDE_STORE_WRITE_FAILED' });
  rmSync(obstacle);
  await run.abort();
  expect(await addFlows(store, 'a', 3)).toEqual({ added: true });
});
