import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  addFlows,
  ask,
  evening,
  flowRows,
  importRow,
  sealRows,
  snapshotOf,
  temporaryFolder,
  temporaryStore,
} from '../../test/store-fixture.ts';
import { flows, tables } from '../tickets/index.ts';
import { writeCommit } from './delta/delta-commit.ts';
import { DeltaLog } from './delta/delta-log.ts';
import { startEngine } from './engine/engine.ts';
import { openStore, type Store } from './store.ts';

const perSource = (store: Store) =>
  ask(store, 'SELECT source, count(*) AS n, sum(up_bytes) AS bytes FROM flows GROUP BY source ORDER BY source');

const segmentsIn = (store: Store, table = 'flows'): string[] =>
  readdirSync(join(store.path, table)).filter((name) => name.endsWith('.parquet'));

test('an empty store has all tables, with the types of their columns', async () => {
  const store = await temporaryStore();
  for (const { name, columns } of tables) {
    const result = await (await snapshotOf(store)).query(`SELECT * FROM ${name}`);
    const kinds = Object.entries(columns).map(([column, { kind }]) => [column, kind === 'id' ? 'text' : kind]);
    expect(result.columns.map(({ name, kind }) => [name, kind])).toEqual(kinds);
    expect(await result.rows()).toEqual([]);
  }
});

test('an import shows wholly at its commit, and not before', async () => {
  const store = await temporaryStore();
  const run = store.beginImport('a');
  await run.write(flowRows('a', 3));
  await run.write(importRow('a'));
  expect(await perSource(store)).toEqual([]);
  expect(await store.hasImport('a')).toBe(false);
  expect(await run.commit()).toEqual({ added: true });
  expect(await perSource(store)).toEqual([{ source: 'a', n: 3, bytes: 3000 }]);
  expect(await store.hasImport('a')).toBe(true);
  const { sizes, problems } = await snapshotOf(store);
  expect(sizes.map(({ table, version, segments, rows }) => [table, version, segments, rows])).toEqual([
    ['flows', 0, 1, 3],
    ['dns', -1, 0, 0],
    ['http', -1, 0, 0],
    ['bursts', -1, 0, 0],
    ['counters', -1, 0, 0],
    ['sessions', -1, 0, 0],
    ['kpi', -1, 0, 0],
    ['imports', 0, 1, 1],
    ['runs', -1, 0, 0],
  ]);
  expect(problems).toEqual([]);
});

test('the same import twice adds nothing and leaves no file', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  expect(await addFlows(store, 'a', 3)).toEqual({ added: false });
  expect(await perSource(store)).toEqual([{ source: 'a', n: 3, bytes: 3000 }]);
  expect(await store.unfinished()).toEqual({ sources: [], unreferenced: { files: 0, bytes: 0 }, rewritten: [] });
});

test('the same import twice at the same time adds its rows once', async () => {
  const store = await temporaryStore();
  const added = await Promise.all([1, 2, 3].map(() => addFlows(store, 'a', 3)));
  expect(added.filter((one) => one.added)).toHaveLength(1);
  expect(await perSource(store)).toEqual([{ source: 'a', n: 3, bytes: 3000 }]);
  expect((await store.unfinished()).unreferenced.files).toBe(0);
});

test('an aborted import leaves nothing, and can be begun again', async () => {
  const store = await temporaryStore();
  const run = store.beginImport('a');
  await run.write(flowRows('a', 3));
  await run.abort();
  expect(await store.unfinished()).toEqual({ sources: [], unreferenced: { files: 0, bytes: 0 }, rewritten: [] });
  expect(await addFlows(store, 'a', 3)).toEqual({ added: true });
});

/** What a process leaves that was killed after its first commit: flows in their table, `imports` without a row. */
const killAfterFlows = async (store: Store, id: string, count: number): Promise<void> => {
  await addFlows(store, id, count);
  rmSync(join(store.path, 'imports', '_delta_log', '00000000000000000000.json'));
};

test('half an import is invisible, is named, and is completed by importing again, with nothing twice', async () => {
  const first = await temporaryStore();
  await killAfterFlows(first, 'a', 3);
  const store = await openStore(first.path);
  await store.bindKey('0123456789abcdef');
  expect(await perSource(store)).toEqual([]);
  const { sources, unreferenced } = await store.unfinished();
  expect(sources).toEqual(['a']);
  expect(unreferenced.files).toBe(1);
  expect(await addFlows(store, 'a', 3)).toEqual({ added: true });
  expect(await perSource(store)).toEqual([{ source: 'a', n: 3, bytes: 3000 }]);
  expect((await store.unfinished()).sources).toEqual([]);
});

test('abort after a failed commit removes what no commit names, and only that', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  const run = store.beginImport('a');
  await run.write(flowRows('a', 4));
  await run.write(importRow('a'));
  await expect(run.commit({ content: 'another' })).rejects.toMatchObject({ code: 'SONDE_STREAM_OVERTAKEN' });
  await run.abort();
  expect(segmentsIn(store)).toHaveLength(2);
  expect(segmentsIn(store, 'imports')).toHaveLength(1);
  expect(await perSource(store)).toEqual([{ source: 'a', n: 3, bytes: 3000 }]);
});

test('where the log of imports cannot be read to its end, nothing is committed', async () => {
  const store = await temporaryStore();
  const run = store.beginImport('a');
  await run.write(flowRows('a', 3));
  await run.write(importRow('a'));
  const log = join(store.path, 'imports', '_delta_log');
  await new DeltaLog(store.path, tables.at(-1)!).append({ transaction: { appId: 'other', version: 1 }, segments: [] });
  writeFileSync(join(log, '00000000000000000000.json'), 'broken');
  await expect(run.commit()).rejects.toMatchObject({ code: 'SONDE_STORE_CORRUPT' });
  await run.abort();
  expect(segmentsIn(store)).toEqual([]);
  expect(segmentsIn(store, 'imports')).toEqual([]);
});

test('a snapshot stays as it is while others add', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  const snapshot = await snapshotOf(store);
  await addFlows(store, 'b', 4);
  expect(await (await snapshot.query('SELECT count(*) AS n FROM flows')).rows()).toEqual([{ n: 3 }]);
  expect(await ask(store, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 7 }]);
});

test('a damaged or missing segment is left out and named; the rest is there', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b', 'c']) await addFlows(store, id, 3);
  const [damaged, missing] = segmentsIn(store);
  const path = join(store.path, 'flows', damaged!);
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  writeFileSync(path, bytes);
  rmSync(join(store.path, 'flows', missing!));
  const snapshot = await snapshotOf(store);
  const rows = await (await snapshot.query('SELECT count(*) AS n FROM flows')).rows();
  expect(rows).toEqual([{ n: 3 }]);
  expect([...snapshot.problems].sort((a, b) => a.reason.localeCompare(b.reason))).toEqual([
    { table: 'flows', file: damaged, reason: 'its bytes are not those that were written' },
    { table: 'flows', file: missing, reason: 'the file is missing' },
  ]);
  expect(await (await snapshot.userQuery('SELECT count(*) AS n FROM flows')).rows()).toEqual([{ n: 3 }]);
});

test('what is asked of a stretch of time opens only the segments that reach into it', async () => {
  const store = await temporaryStore();
  const at = (id: string, reported: number, started: number) =>
    sealRows(flows, [{ source: id, reported_at: evening + reported * 1e6, started_at: evening + started * 1e6 }]);
  const times = { early: [10, 0], long: [100, 5], late: [110, 100], unknown: [Number.NaN, Number.NaN] } as const;
  for (const [id, [reported, started]] of Object.entries(times)) {
    const run = store.beginImport(id);
    await run.write(at(id, reported, started));
    await run.write(importRow(id));
    await run.commit();
  }
  const snapshot = await snapshotOf(store);
  const sources = async (from: number, until: number): Promise<unknown> => {
    const part = snapshot.within(evening + from * 1e6, evening + until * 1e6);
    const rows = await (await part.query('SELECT source FROM flows ORDER BY source')).rows();
    await part.close();
    return rows.map(({ source }) => source);
  };
  // By either clock, whichever a query filters on; of what is not known, nothing can be left out.
  expect(await sources(0, 5)).toEqual(['early', 'unknown']);
  expect(await sources(5, 6)).toEqual(['long', 'unknown']);
  expect(await sources(100, 101)).toEqual(['late', 'long', 'unknown']);
  expect(await sources(11, 99)).toEqual(['unknown']);
  expect(snapshot.problems).toEqual([]);
});

test('a damaged log is named, and what came before it is there', async () => {
  const writer = await temporaryStore();
  for (const id of ['a', 'b', 'c']) await addFlows(writer, id, 3);
  const path = join(writer.path, 'flows', '_delta_log', '00000000000000000001.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"size":', '"sizf":'));
  const store = await openStore(writer.path);
  const snapshot = await snapshotOf(store);
  expect(snapshot.problems.map(({ table, reason }) => `${table}: ${reason}`)).toEqual([
    'flows: the commit is not what was written',
  ]);
  expect(await perSource(store)).toEqual([{ source: 'a', n: 3, bytes: 3000 }]);
});

test('segments of an older program lack columns, and read as not observed', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'new', 1);
  const engine = await startEngine({ threads: 1 });
  const connection = await engine.connect();
  const columns = Object.keys(flows.columns).slice(0, 5);
  const file = 'old.parquet';
  await connection.run(
    `COPY (SELECT 'old' AS source, 'vienna' AS vantage, TIMESTAMP '2014-02-22 17:00:00' AS reported_at, 'f' AS flow_id, 'u' AS source_uid)
     TO '${join(store.path, 'flows', file)}' (FORMAT parquet)`,
  );
  engine.closeSync();
  const add = { path: file, size: 1, dataChange: true, tags: { columns: String(columns.length) } };
  writeFileSync(join(store.path, 'flows', '_delta_log', '00000000000000000001.json'), writeCommit([{ add }], 0));
  const rows = await ask(
    store,
    'SELECT source, source_uid, started_at, up_bytes, fqdn, alpn, ech_offered FROM flows ORDER BY source DESC',
  );
  expect(rows).toEqual([
    { source: 'old', source_uid: 'u', started_at: null, up_bytes: null, fqdn: '', alpn: [], ech_offered: null },
    { source: 'new', source_uid: '', started_at: evening, up_bytes: 1000, fqdn: '', alpn: [], ech_offered: null },
  ]);
});

test('a store belongs to the key that it was begun with', async () => {
  const folder = join(temporaryFolder(), 'store');
  const [one, other] = [await openStore(folder), await openStore(folder)];
  const bound = await Promise.allSettled([one.bindKey('aaaa'), other.bindKey('bbbb')]);
  expect(bound.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(bound.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'SONDE_KEY_MISMATCH' } });
});

test('a folder that holds something else is no store, and one of a newer format is not read', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'thesis.doc'), 'precious');
  await expect(openStore(folder)).rejects.toMatchObject({ code: 'SONDE_STORE_UNREADABLE' });
  await expect(openStore(join(folder, 'thesis.doc'))).rejects.toMatchObject({ code: 'SONDE_STORE_UNREADABLE' });
  await expect(openStore(join(folder, 'a[1]'))).rejects.toMatchObject({ code: 'SONDE_STORE_UNREADABLE' });
  const newer = temporaryFolder();
  writeFileSync(join(newer, 'sonde.json'), '{"format":2,"key_fingerprint":"x"}');
  await expect(openStore(newer)).rejects.toMatchObject({ code: 'SONDE_STORE_UNREADABLE' });
  writeFileSync(join(newer, 'sonde.json'), '{"format":');
  await expect(openStore(newer)).rejects.toMatchObject({ code: 'SONDE_STORE_CORRUPT' });
});

test('an import of which a batch failed is not committed, even if asked to', async () => {
  const store = await temporaryStore();
  const run = store.beginImport('a');
  await expect(
    run.write({ ...flowRows('a', 1), rows: 1, table: 'flows', columns: [], texts: null as never }),
  ).rejects.toThrow();
  await run.write(importRow('a'));
  await expect(run.commit()).rejects.toThrow(TypeError);
  expect(await store.hasImport('a')).toBe(false);
});

test('nothing is imported before a key is bound, for the folder would not be a store', async () => {
  const store = await openStore(join(temporaryFolder(), 'store'));
  expect(() => store.beginImport('a')).toThrow('a key is to be bound');
});

test('an import without its row in imports is a bug, for nothing would ever show it', async () => {
  const store = await temporaryStore();
  const run = store.beginImport('a');
  await run.write(flowRows('a', 1));
  await expect(run.commit()).rejects.toThrow('import a has no row in the table imports');
});
