import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addFlows, ask, snapshotOf, temporaryStore } from '../../test/store-fixture.ts';
import { count, counts, flag, origin, real, type Table, text, texts, time } from '../tickets/column.ts';
import { jobTransaction } from './delta/transaction.ts';
import type { Row } from './engine/rows.ts';
import { rowsToBatches } from './rows-to-batches.ts';
import { openStore, type Store } from './store.ts';

const table: Table = { name: 'hours', doc: 'Hours.', columns: { ...origin, n: count('How many.') } };

const put = (
  store: Store,
  version: number,
  rows: readonly Row[],
  removed: readonly string[] = [],
  into = table,
  snapshot = -1,
) =>
  store.replace(into, {
    transaction: jobTransaction('hours', version),
    snapshot,
    rows: rowsToBatches(into, [rows]),
    removed,
  });

const filesOf = async (store: Store) => (await snapshotOf(store)).segmentsOf('hours').map(({ file }) => file);
const parquetIn = (store: Store) => readdirSync(join(store.path, 'hours')).filter((name) => name.endsWith('.parquet'));

test('a table that a job fills is found by its log, by any process', async () => {
  const store = await temporaryStore();
  expect(await put(store, 1, [{ source: 'r', vantage: 'v', reported_at: 5, n: 1 }])).toBe(true);
  const reader = await openStore(store.path);
  expect(await ask(reader, 'SELECT * FROM hours')).toEqual([{ source: 'r', vantage: 'v', reported_at: 5, n: 1 }]);
  const snapshot = await snapshotOf(reader);
  expect(snapshot.tableOf('hours')).toEqual(table);
  expect(snapshot.reached('hours', 'job:hours')).toBe(1);
  expect(await (await snapshot.userQuery('SELECT sum(n) AS n FROM hours')).rows()).toEqual([{ n: 1 }]);
  expect(await ask(reader, 'SELECT count(*) AS n FROM runs')).toEqual([{ n: 0 }]);
});

test('rows take the place of segments, once', async () => {
  const store = await temporaryStore();
  await put(store, 1, [{ reported_at: 5, n: 1 }]);
  const before = await filesOf(store);
  expect(await put(store, 1, [{ reported_at: 5, n: 2 }])).toBe(false);
  expect(await put(store, 2, [{ reported_at: 5, n: 3 }], before)).toBe(true);
  expect(await put(store, 3, [{ reported_at: 5, n: 4 }], before)).toBe(false);
  expect(await ask(store, 'SELECT n FROM hours')).toEqual([{ n: 3 }]);
  // What did not count left nothing behind; what was replaced stays for those who read it.
  expect(parquetIn(store)).toHaveLength(2);
});

test('a failure while rows come leaves nothing behind', async () => {
  const store = await temporaryStore();
  await put(store, 1, [{ reported_at: 5, n: 1 }]);
  async function* broken() {
    yield* rowsToBatches(table, [[{ n: 2 }]]);
    throw new Error('broken');
  }
  const replacement = { transaction: jobTransaction('hours', 2), snapshot: -1, rows: broken(), removed: [] };
  await expect(store.replace(table, replacement)).rejects.toThrow('broken');
  expect(readdirSync(join(store.path, 'hours')).sort()).toEqual(['_delta_log', ...parquetIn(store)].sort());
  expect(parquetIn(store)).toHaveLength(1);
});

test('all kinds of columns, and columns that are added', async () => {
  const store = await temporaryStore();
  await put(store, 1, [{ reported_at: 5, n: 1 }]);
  const wide: Table = {
    ...table,
    columns: {
      ...table.columns,
      at: time('T.'),
      r: real('R.'),
      end: flag('F.'),
      s: text('S.'),
      ss: texts('SS.'),
      cs: counts('CS.'),
    },
  };
  await put(
    store,
    2,
    [{ reported_at: 6, n: null, at: 7, r: 0.5, end: true, s: 'é', ss: ['a', ''], cs: [1, 2] }],
    [],
    wide,
  );
  expect(await ask(store, 'SELECT * EXCLUDE (source, vantage) FROM hours ORDER BY reported_at')).toEqual([
    { reported_at: 5, n: 1, at: null, r: null, end: null, s: '', ss: [], cs: [] },
    { reported_at: 6, n: null, at: 7, r: 0.5, end: true, s: 'é', ss: ['a', ''], cs: [1, 2] },
  ]);
  expect((await snapshotOf(store)).tableOf('hours')).toEqual(wide);
});

test('what only looks like a table is none', async () => {
  const store = await temporaryStore();
  for (const name of ['no log', 'No', 'x"; DROP', 'nolog']) mkdirSync(join(store.path, name));
  mkdirSync(join(store.path, 'foreign', '_delta_log'), { recursive: true });
  const schemaString = JSON.stringify({
    type: 'struct',
    fields: [{ name: 'a', type: 'binary', nullable: true, metadata: {} }],
  });
  writeFileSync(
    join(store.path, 'foreign', '_delta_log', `${'0'.repeat(20)}.json`),
    `${JSON.stringify({ protocol: { minReaderVersion: 1, minWriterVersion: 2 } })}\n${JSON.stringify({ metaData: { schemaString } })}\n`,
  );
  const names = (await snapshotOf(store)).tables.map(({ name }) => name);
  expect(names).not.toContain('foreign');
  expect(names.filter((name) => name.startsWith('no') || name.startsWith('x'))).toEqual([]);
});

test('a snapshot has the rows that were made of it or of an earlier one, and the history tells so', async () => {
  const store = await temporaryStore();
  const at = async (number: number, sql = 'SELECT n FROM hours') => {
    const snapshot = await store.snapshotAt(number);
    try {
      return await (await snapshot.query(sql)).rows();
    } finally {
      await snapshot.close();
    }
  };
  await addFlows(store, 'a', 1);
  await addFlows(store, 'b', 1);
  await put(store, 1, [{ reported_at: 5, n: 1 }], [], table, 1);
  await addFlows(store, 'c', 1);
  // One that took long, and is made of what was before.
  await put(store, 2, [{ reported_at: 5, n: 2 }], await filesOf(store), table, 2);
  await put(store, 3, [{ reported_at: 6, n: 3 }], [], table, 1);
  await expect(at(0)).rejects.toMatchObject({ code: 'SONDE_QUERY_FAILED' });
  expect([await at(1), await at(2, 'SELECT n FROM hours ORDER BY n')]).toEqual([[{ n: 1 }], [{ n: 2 }, { n: 3 }]]);
  const history = await store.history();
  expect(
    history
      .filter(({ operation }) => operation === 'job')
      .map(({ snapshot, source, tables, added, removed }) => [snapshot, source, tables, added.rows, removed.rows]),
  ).toEqual([
    [1, 'hours', ['hours'], 1, 0],
    [2, 'hours', ['hours'], 1, 1],
    [2, 'hours', ['hours'], 1, 0],
  ]);
  // What was replaced there is gone; the tickets of that snapshot are not.
  await store.vacuum({ removedMs: -1, unnamedMs: 3_600_000 });
  await expect(at(1)).rejects.toMatchObject({ code: 'SONDE_QUERY_FAILED' });
  expect(await at(1, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 2 }]);
});
