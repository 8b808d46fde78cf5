import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addFlows, ask, flowRows, importRow, temporaryStore } from '../../../test/store-fixture.ts';
import { openStore, type Store } from '../store.ts';
import type { RowChange } from './rewrite-rows.ts';

/** Gives every flow and import another word, where it has not got it yet. */
const rename = (word: string): RowChange => ({
  operation: 'RENAME',
  tables: ['flows', 'imports'],
  begin: (interner) => (batch) => {
    const codes = (batch.columns.service ?? batch.columns.databases) as Int32Array;
    const code = interner.code(word);
    const differs = codes.subarray(0, batch.rows).some((one) => one !== code);
    codes.fill(code, 0, batch.rows);
    return differs;
  },
});

const wordsOf = (store: Store) =>
  ask(
    store,
    `SELECT service, count(*) AS n, (SELECT min(databases) FROM imports) AS least, (SELECT max(databases) FROM imports) AS most
     FROM flows GROUP BY service ORDER BY service`,
  );

const all = (word: string, n: number) => [{ service: word, n, least: word, most: word }];

const reopen = async (store: Store): Promise<Store> => {
  const other = await openStore(store.path);
  await other.bindKey('0123456789abcdef');
  return other;
};

/** What a process leaves that was killed before its last commit. */
const killBeforeTheEnd = (store: Store): void => {
  const log = join(store.path, 'imports', '_delta_log');
  const last = readdirSync(log).sort().at(-1)!;
  rmSync(join(log, last));
};

test('rows change in all tables at once, and everything else of them stays', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b']) await addFlows(store, id, 3);
  const rest = 'SELECT * EXCLUDE (service) FROM flows ORDER BY source, flow_id';
  const before = await ask(store, rest);
  const rewritten = await store.rewrite(rename('x'));
  expect(rewritten.map(({ table, segments, rows }) => [table, segments, rows])).toEqual([
    ['flows', 2, 6],
    ['imports', 2, 2],
  ]);
  for (const one of [store, await reopen(store)]) expect(await wordsOf(one)).toEqual(all('x', 6));
  expect(await ask(store, rest)).toEqual(before);
  expect((await store.history()).at(-1)).toMatchObject({ snapshot: 2, operation: 'rename', added: { rows: 8 } });
  expect((await store.verify()).flatMap(({ problems }) => problems)).toEqual([]);
});

test('what is so already is not written again', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  await store.rewrite(rename('x'));
  const versions = async () => (await store.inventory()).map(({ version }) => version);
  const before = await versions();
  expect((await store.rewrite(rename('x'))).map(({ segments }) => segments)).toEqual([0, 0]);
  expect(await versions()).toEqual(before);
  expect((await store.unfinished()).unreferenced.files).toBe(0);
});

test('an earlier snapshot shows the rows as they were', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  await store.rewrite(rename('x'));
  const words = async (number: number) => {
    const snapshot = await store.snapshotAt(number);
    const rows = await (await snapshot.query('SELECT service, count(*) AS n FROM flows GROUP BY service')).rows();
    await snapshot.close();
    return rows;
  };
  expect([await words(0), await words(1)]).toEqual([[{ service: 'WhatsApp', n: 3 }], [{ service: 'x', n: 3 }]]);
});

test('one that was killed leaves the old rows, through vacuum and checkpoints, and the next one goes through', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b']) await addFlows(store, id, 3);
  await store.rewrite(rename('x'));
  killBeforeTheEnd(store);
  const old = [{ service: 'WhatsApp', n: 6, least: '', most: '' }];
  const after = await reopen(store);
  expect(await wordsOf(after)).toEqual(old);
  expect((await after.compact()).filter(({ table }) => table === 'flows')).toEqual([]);
  const none = { removedMs: -1, unnamedMs: 0 };
  await after.vacuum(none);
  expect(await wordsOf(await reopen(store))).toEqual(old);
  // So many commits that the log of flows has a checkpoint.
  const stream = after.beginStream('live');
  for (let i = 0; i < 64; i++) {
    await stream.write(flowRows('live', 1));
    await stream.commit(importRow('live'));
  }
  await after.vacuum(none);
  const later = await reopen(store);
  expect(await wordsOf(later)).toMatchObject([{ service: 'WhatsApp', n: 70 }]);
  await later.rewrite(rename('y'));
  expect(await wordsOf(await reopen(store))).toMatchObject([{ service: 'y', n: 70 }]);
  await later.vacuum(none);
  expect(await wordsOf(await reopen(store))).toMatchObject([{ service: 'y', n: 70 }]);
}, 120_000);

test('two at once leave all tables with the words of one of them', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  const other = await reopen(store);
  let later: Promise<unknown> | undefined;
  const change = rename('x');
  const first = store.rewrite({
    ...change,
    begin: (interner) => {
      const label = change.begin(interner);
      return (batch) => {
        // By then its flows are committed.
        if (batch.table.name === 'imports') later ??= other.rewrite(rename('y'));
        return label(batch);
      };
    },
  });
  const [outcome] = await Promise.allSettled([first]);
  await later;
  // Which of them comes first to the last commit is open; it is one of them, in all tables.
  const word = outcome!.status === 'fulfilled' && (await wordsOf(store))[0]!.service === 'x' ? 'x' : 'y';
  expect(await wordsOf(await reopen(store))).toEqual(all(word, 3));
});

test('what is imported and compacted meanwhile is neither lost nor doubled', async () => {
  const store = await temporaryStore();
  for (let i = 0; i < 8; i++) await addFlows(store, `before-${i}`, 20);
  const [importer, keeper] = [await reopen(store), await reopen(store)];
  const imports = (async () => {
    for (let i = 0; i < 8; i++) await addFlows(importer, `during-${i}`, 20);
  })();
  const [rewritten] = await Promise.all([store.rewrite(rename('x')), keeper.compact(), imports]);
  expect(rewritten[0]!.rows).toBeGreaterThanOrEqual(160);
  const sums = 'SELECT count(*) AS n, count(DISTINCT (source, flow_id)) AS flows FROM flows';
  for (const one of [store, await reopen(store)]) expect(await ask(one, sums)).toEqual([{ n: 320, flows: 320 }]);
  const [left] = await ask(store, "SELECT count(*) AS n FROM flows WHERE source LIKE 'before%' AND service <> 'x'");
  expect(left).toEqual({ n: 0 });
});
