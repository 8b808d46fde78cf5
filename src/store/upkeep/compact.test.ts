import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentsOf } from '../../../test/store-contents.ts';
import { addFlows, ask, evening, flowRows, sealRows, snapshotOf, temporaryStore } from '../../../test/store-fixture.ts';
import type { SondeError } from '../../kit/errors.ts';
import { counters, dns, flows, imports, tables } from '../../tickets/index.ts';
import { writeCommit } from '../delta/delta-commit.ts';
import { DeltaLog } from '../delta/delta-log.ts';
import { rewriteTransaction } from '../delta/transaction.ts';
import { startEngine } from '../engine/engine.ts';
import { openStore, type Store } from '../store.ts';
import type { Problem } from '../store-errors.ts';
import { visibleTables } from '../visible-tables.ts';

const logOf = async (store: Store, name = 'flows'): Promise<DeltaLog> => {
  const log = new DeltaLog(store.path, tables.find((table) => table.name === name)!);
  await log.refresh();
  return log;
};

const segmentFiles = (store: Store, table = 'flows'): string[] =>
  readdirSync(join(store.path, table)).filter((name) => name.endsWith('.parquet'));

/** Rows with every kind of column, some of them not observed. */
const addAll = async (store: Store, id: string, start: number): Promise<void> => {
  const run = store.beginImport(id);
  await run.write(flowRows(id, 5));
  await run.write(
    sealRows(dns, [
      {
        source: id,
        reported_at: start,
        asked_at: start,
        answers: ['31.13.93.53', '::1'],
        ttls_s: [60, 0],
        truncated: 1,
      },
      { source: id, reported_at: start + 1, asked_at: start + 1, truncated: 0 },
      { source: id },
    ]),
  );
  await run.write(sealRows(counters, [{ source: id, reported_at: start, minute_at: start }]));
  await run.write(sealRows(imports, [{ source: id, id, reported_at: start, kind: 'capture' }]));
  await run.commit();
};

test('small segments become one, and every row stays what it was', async () => {
  const store = await temporaryStore();
  for (let i = 0; i < 10; i++) await addAll(store, `import-${i}`, evening + i * 1e6);
  const before = await contentsOf(store.path);
  expect((await store.compact()).map(({ table, segments, into, rows }) => [table, segments, into, rows])).toEqual([
    ['flows', 10, 1, 50],
    ['dns', 10, 1, 30],
    ['counters', 10, 1, 10],
    ['imports', 10, 1, 10],
  ]);
  expect(await contentsOf(store.path)).toEqual(before);
  const order = await ask(store, 'SELECT DISTINCT source FROM dns');
  expect(order.map(({ source }) => source).sort()).toEqual(Array.from({ length: 10 }, (_, i) => `import-${i}`));
  const [merged] = [...(await logOf(store, 'dns')).segments.values()];
  expect(merged).toMatchObject({
    rows: 30,
    columns: Object.keys(dns.columns).length,
    times: { reported_at: [evening, evening + 9e6 + 1], asked_at: [evening, evening + 9e6 + 1] },
    transaction: undefined,
  });
  expect(await store.compact()).toEqual([]);
});

test('the rows of the merged stay in their order', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b', 'c']) await addFlows(store, id, 3000);
  const sql = 'SELECT source, flow_id FROM flows';
  const before = await ask(store, sql);
  await store.compact();
  expect(await ask(store, sql)).toEqual(before);
});

test('what is hidden stays hidden, and shows when its import is complete', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b']) await addFlows(store, id, 3);
  const log = await logOf(store);
  const [file] = segmentFiles(store);
  // The commit of an import that got no further than its first table.
  await log.append({
    transaction: { appId: 'import:half:', version: 1 },
    segments: [{ ...log.segments.get(file!)!, table: 'flows', sha256: 'ab', file: 'half.parquet', rows: 3, times: {} }],
  });
  await store.compact();
  const after = await logOf(store);
  expect([...after.segments.keys()]).toContain('half.parquet');
  expect(after.segments.size).toBe(2);
  expect(await ask(store, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 6 }]);
});

test('a merged segment shows to a reader who began before it only with the imports that it stands on', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  const logs = tables.map((table) => new DeltaLog(store.path, table));
  const importsLog = logs.at(-1)!;
  await importsLog.refresh();
  // Between the reading of `imports` and that of the others: an import, and a compaction that holds its rows.
  const refresh = importsLog.refresh.bind(importsLog);
  let looks = 0;
  importsLog.refresh = async () => {
    await refresh();
    if (looks++ > 0) return;
    await addFlows(store, 'b', 4);
    await store.compact();
  };
  const { tables: seen, importsVersion } = await visibleTables(logs);
  expect([looks, importsVersion]).toEqual([2, 1 + 1]);
  const rows = (name: string) =>
    seen.find(({ log }) => log.table.name === name)!.segments.reduce((sum, segment) => sum + segment.rows!, 0);
  expect([rows('flows'), rows('imports')]).toEqual([7, 2]);
});

test('an earlier snapshot is what it was', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b', 'c']) await addFlows(store, id, 3);
  await store.compact();
  await addFlows(store, 'd', 3);
  await store.compact();
  const rowsAt = async (number: number): Promise<unknown> => {
    const snapshot = await store.snapshotAt(number);
    try {
      const sql = "SELECT string_agg(DISTINCT source, '' ORDER BY source) AS ids, count(*) AS n FROM flows";
      return (await (await snapshot.query(sql)).rows())[0];
    } finally {
      await snapshot.close();
    }
  };
  expect(await rowsAt(0)).toEqual({ ids: 'a', n: 3 });
  expect(await rowsAt(1)).toEqual({ ids: 'ab', n: 6 });
  expect(await rowsAt(2)).toEqual({ ids: 'abc', n: 9 });
  // Version 3 of imports is its own compaction.
  expect(await rowsAt(3)).toEqual({ ids: 'abc', n: 9 });
  expect(await rowsAt(4)).toEqual({ ids: 'abcd', n: 12 });
  await store.vacuum({ removedMs: -1, unnamedMs: -1 });
  await expect(rowsAt(1)).rejects.toMatchObject({ code: 'SONDE_SNAPSHOT_GONE' });
  expect(await rowsAt(5)).toEqual({ ids: 'abcd', n: 12 });
});

test('two at once merge once, and leave nothing behind', async () => {
  const store = await temporaryStore();
  for (let i = 0; i < 6; i++) await addFlows(store, `import-${i}`, 3);
  const before = await contentsOf(store.path);
  const others = await Promise.all([openStore(store.path), openStore(store.path)]);
  const merged = await Promise.all([store, ...others].map((one) => one.compact()));
  expect(merged.flat().filter(({ table }) => table === 'flows')).toHaveLength(1);
  expect(await contentsOf(store.path)).toEqual(before);
  expect((await store.unfinished()).unreferenced.files).toBe(0);
});

test('a damaged segment is not merged, and is still named', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b', 'c']) await addFlows(store, id, 3);
  const [damaged] = segmentFiles(store);
  const path = join(store.path, 'flows', damaged!);
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  writeFileSync(path, bytes);
  await store.compact();
  const snapshot = await snapshotOf(store);
  expect(await (await snapshot.query('SELECT count(*) AS n FROM flows')).rows()).toEqual([{ n: 6 }]);
  expect(snapshot.problems).toEqual([
    { table: 'flows', file: damaged, reason: 'its bytes are not those that were written' },
  ]);
});

test('what an unfinished rewrite replaced is left to it, and the others are merged', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b', 'c', 'd']) await addFlows(store, id, 3);
  const log = await logOf(store);
  const [first] = log.segments.keys();
  await log.append({ transaction: rewriteTransaction('unfinished'), segments: [], removed: [first!] });
  const merged = (await store.compact()).find(({ table }) => table === 'flows');
  expect(merged).toMatchObject({ segments: 3, into: 1 });
  expect(await ask(store, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 12 }]);
});

test('the row of a stream that runs is left to the stream', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b']) await addFlows(store, id, 3);
  const stream = store.beginStream('s');
  const row = (state: string, packets: number) =>
    sealRows(imports, [{ source: 's', id: 's', kind: 'live', state, packet_count: packets, reported_at: evening }]);
  for (let i = 1; i <= 3; i++) {
    await stream.write(flowRows('s', 2));
    await stream.commit(row('running', i));
    await store.compact();
  }
  const seen = () =>
    ask(
      store,
      "SELECT (SELECT count(*) FROM flows) AS flows, state, packet_count AS packets FROM imports WHERE id = 's'",
    );
  expect(await seen()).toEqual([{ flows: 12, state: 'running', packets: 3 }]);
  await stream.commit(row('complete', 4));
  await store.compact();
  expect(await seen()).toEqual([{ flows: 12, state: 'complete', packets: 4 }]);
  expect((await logOf(store, 'imports')).segments.size).toBe(1);
});

test('segments of an older program become one that has their columns, and read as before', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'new', 1);
  const engine = await startEngine({ threads: 1 });
  const connection = await engine.connect();
  const log = await logOf(store);
  for (const file of ['1.parquet', '2.parquet']) {
    await connection.run(
      `COPY (SELECT 'old' AS source, 'vienna' AS vantage, TIMESTAMP '2014-02-22 17:00:00' AS reported_at, 'f' AS flow_id, '${file}' AS source_uid)
       TO '${join(store.path, 'flows', file)}' (FORMAT parquet)`,
    );
    const bytes = readFileSync(join(store.path, 'flows', file));
    const stats = JSON.stringify({ numRecords: 1 });
    const { createHash } = await import('node:crypto');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const add = { path: file, size: bytes.length, stats, tags: { columns: '5', sha256 } };
    const next = String(Number(log.version) + Number(file[0])).padStart(20, '0');
    writeFileSync(join(store.path, 'flows', '_delta_log', `${next}.json`), writeCommit([{ add }], 0));
  }
  engine.closeSync();
  const sql = 'SELECT source, source_uid, up_bytes, fqdn, alpn FROM flows ORDER BY source, source_uid';
  const before = await ask(store, sql);
  expect(before).toHaveLength(3);
  expect(await store.compact()).toHaveLength(1);
  expect(await ask(store, sql)).toEqual(before);
  expect([...(await logOf(store)).segments.values()].map(({ columns }) => columns).sort()).toEqual([
    5,
    Object.keys(flows.columns).length,
  ]);
});

test('what is damaged stays and is told, by the upkeep that imports bring along too', async () => {
  const store = await temporaryStore();
  for (let i = 0; i < 66; i++) await addFlows(store, `import-${i}`, 1);
  const [file] = segmentFiles(store);
  const path = join(store.path, 'flows', file!);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);

  const warnings: SondeError[] = [];
  await store.tidy((warning) => warnings.push(warning));
  expect(warnings).toMatchObject([{ code: 'SONDE_STORE_CORRUPT', fields: { table: 'flows', file } }]);
  expect(segmentFiles(store)).toContain(file);
  await addFlows(store, 'next', 1);
  const problems: Problem[] = [];
  await store.compact((problem) => problems.push(problem));
  expect(problems).toEqual([{ table: 'flows', file, reason: 'its bytes are not those that were written' }]);
  expect((await ask(store, 'SELECT count(*) AS n FROM flows'))[0]).toEqual({ n: 66 });
});
