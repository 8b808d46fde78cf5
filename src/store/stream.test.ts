import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ask, evening, flowRows, sealRows, temporaryStore } from '../../test/store-fixture.ts';
import type { SealedBatch } from '../tickets/batch.ts';
import { imports } from '../tickets/index.ts';
import { attemptTransaction } from './delta/transaction.ts';
import { openStore, type Store } from './store.ts';

const rowOf = (id: string, state: string, packets: number): SealedBatch =>
  sealRows(imports, [{ source: id, id, kind: 'live', state, packet_count: packets, reported_at: evening }]);

const seen = async (store: Store) => {
  const reader = await openStore(store.path);
  const [flows] = await ask(reader, 'SELECT count(*) AS n FROM flows');
  return [flows?.n, ...(await ask(reader, 'SELECT id, state, packet_count AS packets FROM imports'))];
};

const parquetIn = (store: Store, table: string): string[] =>
  readdirSync(join(store.path, table)).filter((name) => name.endsWith('.parquet'));

test('a stream shows at each commit what it has so far, with one row in imports', async () => {
  const store = await temporaryStore();
  const stream = store.beginStream('s');
  await stream.write(flowRows('s', 3));
  expect(await seen(store)).toEqual([0]);
  await stream.commit(rowOf('s', 'running', 10));
  expect(await seen(store)).toEqual([3, { id: 's', state: 'running', packets: 10 }]);
  await stream.write(flowRows('s', 2));
  await stream.commit(rowOf('s', 'running', 20));
  await stream.commit(rowOf('s', 'complete', 21));
  expect(await seen(store)).toEqual([5, { id: 's', state: 'complete', packets: 21 }]);
  expect(stream.commits).toBe(3);
  expect(await store.unfinished()).toEqual({ sources: [], unreferenced: { files: 0, bytes: 0 }, rewritten: [] });
});

test('batches written while a commit is under way show at the next one', async () => {
  const store = await temporaryStore();
  const stream = store.beginStream('s');
  await stream.write(flowRows('s', 3));
  const commit = stream.commit(rowOf('s', 'running', 1));
  await stream.write(flowRows('s', 4));
  await commit;
  expect((await seen(store))[0]).toBe(3);
  await stream.commit(rowOf('s', 'complete', 2));
  expect((await seen(store))[0]).toBe(7);
});

test('a stream that was killed between the commits of two tables shows what its last whole commit had', async () => {
  const store = await temporaryStore();
  const stream = store.beginStream('s');
  await stream.write(flowRows('s', 3));
  await stream.commit(rowOf('s', 'running', 10));
  await stream.write(flowRows('s', 2));
  // A turn that was taken before there were any: the commit ends at the table of imports, which is the last one.
  const taken = { vantage: 'v', number: 0, isLast: false };
  await expect(stream.commit(rowOf('s', 'running', 20), taken)).rejects.toMatchObject({
    code: 'SONDE_STREAM_OVERTAKEN',
  });
  expect(await seen(store)).toEqual([3, { id: 's', state: 'running', packets: 10 }]);
  expect((await store.unfinished()).sources).toEqual([]);
});

test('the rows that were replaced stay on the disk for those who read them, and go after an hour', async () => {
  const store = await temporaryStore();
  const stream = store.beginStream('s');
  for (let i = 0; i < 5; i++) await stream.commit(rowOf('s', 'running', i));
  expect(parquetIn(store, 'imports')).toHaveLength(5);
  vi.setSystemTime(Date.now() + 3_700_000);
  await store.beginStream('t').commit(rowOf('t', 'running', 1));
  vi.useRealTimers();
  expect(parquetIn(store, 'imports')).toHaveLength(2);
  expect(await seen(store)).toHaveLength(3);
});

test('the last commit of each stream is known', async () => {
  const store = await temporaryStore();
  const before = Date.now();
  await store.beginStream('s').commit(rowOf('s', 'running', 1));
  const at = (await store.lastCommits()).get('s')!;
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThanOrEqual(Date.now());
});

test('turns of a vantage: each is taken once, and the last one says that nothing is open', async () => {
  const store = await temporaryStore();
  const take = async (id: string, number: number, isLast = false) => {
    const run = store.beginImport(id);
    await run.write(flowRows(id, 1));
    await run.write(rowOf(id, 'complete', 1));
    return run.commit({ turn: { vantage: 'vienna', number, isLast } });
  };
  expect(await store.streamOf('vienna')).toEqual({ turns: 0, isFinished: true });
  expect(await take('a', 1)).toEqual({ added: true });
  expect(await store.streamOf('vienna')).toEqual({ turns: 1, isFinished: false });
  expect(await store.has(attemptTransaction('a', '', 1))).toBe(true);
  expect(await store.hasImport('a')).toBe(true);
  // The same import in the same place is the same; another one in that place came too late.
  expect(await take('a', 1)).toEqual({ added: false });
  await expect(take('b', 1)).rejects.toMatchObject({ code: 'SONDE_STREAM_OVERTAKEN' });
  await expect(take('a', 2)).rejects.toMatchObject({ code: 'SONDE_STREAM_OVERTAKEN' });
  expect(await store.streamOf('vienna')).toEqual({ turns: 1, isFinished: false });
  expect(await take('b', 2, true)).toEqual({ added: true });
  expect(await store.streamOf('vienna')).toEqual({ turns: 2, isFinished: true });
  expect(await store.streamOf('linz')).toEqual({ turns: 0, isFinished: true });
  expect((await seen(store))[0]).toBe(2);
  expect((await store.unfinished()).sources).toEqual([]);
});

test('what an attempt left in one place of a stream does not complete the import in another', async () => {
  const store = await temporaryStore();
  const take = async (number: number, rows: number) => {
    const run = store.beginImport('a');
    await run.write(flowRows('a', rows));
    await run.write(rowOf('a', 'complete', 1));
    return run.commit({ turn: { vantage: 'v', number, isLast: false } });
  };
  const other = store.beginImport('b');
  await other.write(flowRows('b', 1));
  await other.write(rowOf('b', 'complete', 1));
  await other.commit({ turn: { vantage: 'v', number: 1, isLast: false } });
  await expect(take(1, 100)).rejects.toMatchObject({ code: 'SONDE_STREAM_OVERTAKEN' });
  expect((await store.unfinished()).sources).toEqual(['a']);
  await take(2, 5);
  expect((await seen(store))[0]).toBe(6);
  expect((await store.unfinished()).sources).toEqual([]);
});

test('what an attempt left that read something else does not complete the import', async () => {
  const store = await temporaryStore();
  const take = async (id: string, content: string, rows: number, number?: number) => {
    const run = store.beginImport(id);
    await run.write(flowRows(id, rows));
    await run.write(rowOf(id, 'complete', 1));
    return run.commit({ content, ...(number === undefined ? {} : { turn: { vantage: 'v', number, isLast: false } }) });
  };
  await take('b', 'b', 1, 1);
  await expect(take('a', 'one', 100, 1)).rejects.toMatchObject({ code: 'SONDE_STREAM_OVERTAKEN' });
  expect(await take('a', 'other', 5)).toEqual({ added: true });
  expect((await seen(store))[0]).toBe(6);
  expect(await take('a', 'other', 5)).toEqual({ added: false });
  // An id is of one content only.
  await expect(take('a', 'third', 7)).rejects.toMatchObject({ code: 'SONDE_STREAM_OVERTAKEN' });
  expect((await seen(store))[0]).toBe(6);
});
