import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addFlows, ask, flowRows, importRow, temporaryStore } from '../../test/store-fixture.ts';
import { flows, imports } from '../tickets/index.ts';
import { CHECKPOINT_EVERY } from './delta/checkpoint.ts';
import { DeltaLog } from './delta/delta-log.ts';
import { openStore, type Store } from './store.ts';

const reopen = async (store: Store): Promise<Store> => {
  const other = await openStore(store.path);
  await other.bindKey('0123456789abcdef');
  return other;
};

/** So many that each log has two checkpoints more. */
const addMany = async (store: Store, name: string): Promise<void> => {
  for (let i = 0; i < 2 * CHECKPOINT_EVERY; i++) await addFlows(store, `${name}${i}`, 1);
};

const transactionsOf = async (store: Store, table: typeof flows | typeof imports): Promise<readonly string[]> => {
  const log = new DeltaLog(store.path, table);
  await log.refresh();
  return [...log.transactions.keys()];
};

const rowsOf = (store: Store, id: string) => ask(store, `SELECT count(*) AS n FROM flows WHERE source = '${id}'`);

test('tables carry the imports of their last commits, and the table of imports one transaction of each', async () => {
  const store = await temporaryStore();
  await addMany(store, 'a');
  const other = await reopen(store);
  expect((await transactionsOf(store, flows)).length).toBeLessThanOrEqual(CHECKPOINT_EVERY);
  expect(await transactionsOf(store, imports)).toHaveLength(2 * CHECKPOINT_EVERY);
  expect(await other.hasImport('a0')).toBe(true);
  expect(await addFlows(other, 'a0', 1)).toEqual({ added: false });
  expect(await rowsOf(other, 'a0')).toEqual([{ n: 1 }]);
  expect(await other.unfinished()).toMatchObject({ sources: [], unreferenced: { files: 0 } });
}, 60_000);

test('an import that took longer than the log of what it repeats adds nothing', async () => {
  const store = await temporaryStore();
  const slow = await reopen(store);
  const run = slow.beginImport('same');
  await run.write(flowRows('same', 3));
  await run.write(importRow('same'));
  await addFlows(store, 'same', 3);
  // As far as its log was read, it does not know of it; what comes next is the checkpoint, for the commits are gone.
  await (await slow.snapshot()).close();
  await addMany(store, 'a');
  await addMany(store, 'b');
  await store.vacuum({ removedMs: -1, unnamedMs: 3_600_000 });
  expect(await run.commit()).toEqual({ added: false });
  for (const one of [store, slow, await reopen(store)]) expect(await rowsOf(one, 'same')).toEqual([{ n: 3 }]);
}, 60_000);

test('one that was killed between its commits is not forgotten, and is completed', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'killed', 3);
  rmSync(join(store.path, 'imports'), { recursive: true });
  const later = await reopen(store);
  await addMany(later, 'a');
  expect(await rowsOf(later, 'killed')).toEqual([{ n: 0 }]);
  expect((await later.unfinished()).sources).toEqual(['killed']);
  expect(await addFlows(await reopen(store), 'killed', 3)).toEqual({ added: true });
  expect(await rowsOf(await reopen(store), 'killed')).toEqual([{ n: 3 }]);
}, 60_000);
