import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addFlows, flowRows, importRow, temporaryStore } from '../../test/store-fixture.ts';
import { imports } from '../tickets/index.ts';
import { DeltaLog } from './delta/delta-log.ts';
import type { Row } from './engine/rows.ts';
import type { Snapshot } from './snapshot.ts';
import { openStore, type Store } from './store.ts';

const countsOf = async (snapshot: Snapshot): Promise<readonly Row[]> => {
  try {
    return await (
      await snapshot.query('SELECT source, count(*) AS n FROM flows GROUP BY source ORDER BY source')
    ).rows();
  } finally {
    await snapshot.close();
  }
};

const at = async (store: Store, number: number): Promise<readonly Row[]> => countsOf(await store.snapshotAt(number));

/** A live capture with a flow more at each commit. */
const addStream = async (store: Store, id: string, commits: number): Promise<void> => {
  const stream = store.beginStream(id);
  for (let i = 0; i < commits; i++) {
    await stream.write(flowRows(id, i + 1));
    await stream.commit(importRow(id));
  }
};

test('each commit of imports is a snapshot, and stays what it was', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  await addStream(store, 'live', 2);
  await addFlows(store, 'b', 4);
  const a = { source: 'a', n: 3 };
  expect(await at(store, 0)).toEqual([a]);
  expect(await at(store, 1)).toEqual([a, { source: 'live', n: 1 }]);
  expect(await at(store, 2)).toEqual([a, { source: 'live', n: 3 }]);
  expect(await at(store, 3)).toEqual(await countsOf(await store.snapshot()));
});

test('the history tells what made each of them, and how much came and went', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  await addStream(store, 'live', 2);
  const history = await store.history();
  expect(history.map(({ snapshot, operation, source, tables }) => [snapshot, operation, source, tables])).toEqual([
    [0, 'import', 'a', ['flows', 'imports']],
    [1, 'stream', 'live', ['flows', 'imports']],
    [2, 'stream', 'live', ['flows', 'imports']],
  ]);
  // The row of the stream in imports is replaced at each of its commits.
  expect(history.map(({ added, removed }) => [added.rows, removed.rows])).toEqual([
    [4, 0],
    [2, 0],
    [3, 1],
  ]);
  expect(history.every(({ added, at }) => added.bytes > 0 && Math.abs(at - Date.now()) < 60_000)).toBe(true);
});

test('what is not complete is in no snapshot and no part of the history', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  await addFlows(store, 'b', 4);
  rmSync(join(store.path, 'imports', '_delta_log', '00000000000000000001.json'));
  const reader = await openStore(store.path);
  expect(await at(reader, 0)).toEqual([{ source: 'a', n: 3 }]);
  expect((await reader.history()).map(({ source }) => source)).toEqual(['a']);
});

test('a snapshot that never was, or of which a file is gone, is an error', async () => {
  const store = await temporaryStore();
  await expect(store.snapshotAt(0)).rejects.toMatchObject({ code: 'SONDE_NOT_FOUND' });
  await addStream(store, 'live', 2);
  await expect(store.snapshotAt(2)).rejects.toMatchObject({ code: 'SONDE_NOT_FOUND', fields: { snapshot: 2 } });
  const old = await store.snapshotAt(0);
  await old.close();
  const [replaced] = await replacedFiles(store);
  rmSync(join(store.path, 'imports', replaced!));
  await expect(store.snapshotAt(0)).rejects.toMatchObject({
    code: 'SONDE_SNAPSHOT_GONE',
    fields: { snapshot: 0, table: 'imports', file: replaced },
  });
  expect(await at(store, 1)).toEqual([{ source: 'live', n: 3 }]);
});

/** Files that left the table of imports. */
const replacedFiles = async (store: Store): Promise<readonly string[]> => {
  const log = new DeltaLog(store.path, imports);
  await log.refresh();
  return [...log.removed.keys()];
};
