import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addFlows, evening, flowRows, importRow, sealRows, temporaryStore } from '../../../test/store-fixture.ts';
import { flows, imports } from '../../tickets/index.ts';
import { DeltaLog } from '../delta/delta-log.ts';
import type { Store } from '../store.ts';

const problemsOf = async (store: Store): Promise<Readonly<Record<string, readonly string[]>>> =>
  Object.fromEntries((await store.verify()).map(({ name, problems }) => [name, problems]));

const nothing = { logs: [], segments: [], doubles: [], sources: [] };

test('a sound store has nothing wrong with it, after compaction too', async () => {
  const store = await temporaryStore();
  for (const id of ['a', 'b']) await addFlows(store, id, 3);
  expect(await problemsOf(store)).toEqual(nothing);
  await store.compact();
  expect(await problemsOf(store)).toEqual(nothing);
});

test('a flow that is there twice is named; two flows of one id are not', async () => {
  const store = await temporaryStore();
  const flow = { source: 'a', flow_id: '00000000000000ab', started_at: evening, client_port: 1 };
  const run = store.beginImport('a');
  await run.write(sealRows(flows, [flow, { ...flow, client_port: 2 }, { ...flow, client_port: 2 }]));
  await run.write(importRow('a'));
  await run.commit();
  const doubles = ['the flow 00000000000000ab of import a is there 2 times'];
  expect(await problemsOf(store)).toEqual({ ...nothing, doubles });
});

test('rows without their import are named, and imports without their rows', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  const run = store.beginImport('b');
  await run.write(flowRows('stray', 2));
  await run.write(sealRows(imports, [{ source: 'b', id: 'b', name: 'b.pcap', row_count: 7, reported_at: evening }]));
  await run.commit();
  expect(await problemsOf(store)).toEqual({
    ...nothing,
    sources: [
      '2 rows are of an import stray that is not listed',
      'the import b (b.pcap) had 7 rows, and none of them is there',
    ],
  });
});

test('rows that are fewer than the log says are told, and a file that is gone after it was read once', async () => {
  const store = await temporaryStore();
  await addFlows(store, 'a', 3);
  await addFlows(store, 'b', 3);
  const log = new DeltaLog(store.path, flows);
  await log.refresh();
  const [first, second] = [...log.segments.values()];
  await log.append({
    segments: [{ ...first!, table: 'flows', rows: 4, sha256: first!.sha256!, times: {} }],
    removed: [first!.file],
  });
  expect(await problemsOf(store)).toMatchObject({
    segments: [`flows/${first!.file}: it has 3 rows, and the log says 4`],
  });
  rmSync(join(store.path, 'flows', second!.file));
  expect((await problemsOf(store)).segments).toContain(`flows/${second!.file}: the file is missing`);
});
