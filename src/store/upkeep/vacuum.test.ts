import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addFlows, ask, flowRows, importRow, snapshotOf, temporaryStore } from '../../../test/store-fixture.ts';
import { tables } from '../../tickets/index.ts';
import { DeltaLog } from '../delta/delta-log.ts';
import { openSegments } from '../delta/segment-sink.ts';
import { Import } from '../import.ts';
import type { Store } from '../store.ts';
import { defaultGrace } from './vacuum.ts';

const HOUR_MS = 3_600_000;
const filesIn = (store: Store, table = 'flows'): string[] =>
  readdirSync(join(store.path, table)).filter((name) => name !== '_delta_log');
const age = (path: string, ms: number): void => {
  const at = new Date(Date.now() - ms);
  utimesSync(path, at, at);
};

test('replaced segments stay for the grace, so that a snapshot from before is served', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b', 'c']) await addFlows(store, id, 3);
  const snapshot = await snapshotOf(store);
  await store.compact();
  expect(await store.vacuum()).toEqual({ files: 0, bytes: 0 });
  expect(await (await snapshot.query('SELECT count(*) AS n FROM flows')).rows()).toEqual([{ n: 9 }]);
  expect(filesIn(store)).toHaveLength(4);
  expect((await store.vacuum({ ...defaultGrace, removedMs: -1 })).files).toBe(6);
  expect(filesIn(store)).toHaveLength(1);
  expect(await ask(store, 'SELECT count(*) AS n FROM flows')).toEqual([{ n: 9 }]);
  expect((await store.unfinished()).unreferenced.files).toBe(0);
});

test('what no commit names goes when no import can be writing it any more', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  const folder = join(store.path, 'flows');
  const [live] = filesIn(store);
  for (const name of ['left-over.parquet', '.left-over.parquet.tmp', 'young.parquet', 'notes.txt', '_delta_log/.x.tmp'])
    writeFileSync(join(folder, name), 'x');
  for (const name of ['left-over.parquet', '.left-over.parquet.tmp', 'notes.txt', '_delta_log/.x.tmp', live!])
    age(join(folder, name), 8 * 24 * HOUR_MS);
  age(join(folder, 'young.parquet'), 6 * 24 * HOUR_MS);
  expect(await store.vacuum()).toEqual({ files: 3, bytes: 3 });
  expect(filesIn(store).sort()).toEqual([live!, 'notes.txt', 'young.parquet'].sort());
  expect(existsSync(join(folder, '_delta_log/.x.tmp'))).toBe(false);
});

test('an import whose segments went before it named them fails, and shows nothing', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  const sink = openSegments(store.path);
  const finish = async () => {
    const segments = await sink.finish();
    rmSync(join(store.path, 'imports', segments.find(({ table }) => table === 'imports')!.file));
    return segments;
  };
  const logs = tables.map((table) => new DeltaLog(store.path, table));
  const run = new Import('long', logs, { ...sink, finish });
  await run.write(flowRows('long', 3));
  await run.write(importRow('long'));
  await expect(run.commit()).rejects.toMatchObject({ code: 'SONDE_STORE_WRITE_FAILED' });
  await run.abort();
  expect(await store.unfinished()).toEqual({ sources: [], unreferenced: { files: 0, bytes: 0 }, rewritten: [] });
});
