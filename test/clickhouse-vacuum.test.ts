/** Rows of imports that broke off go from a ClickHouse when they are asked to, and those of imports that run stay. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type ClickhouseStore, openClickhouse } from '../src/store/clickhouse/clickhouse-store.ts';
import { createTables } from '../src/store/clickhouse/create-tables.ts';
import { tables } from '../src/tickets/index.ts';
import { type ChdbServer, startChdb } from './chdb-server.ts';
import { clusterStore, fingerprint, importFlows, shown, someFlows, whole } from './clickhouse-fixture.ts';
import { hasClickhouse, startCluster } from './clickhouse-servers.ts';
import { importRow } from './store-fixture.ts';

const HOUR_MS = 3600e3;

let server: ChdbServer;
let store: ClickhouseStore;

beforeAll(async () => {
  server = await startChdb();
  store = await openClickhouse(`clickhouse://127.0.0.1:${server.port}/sonde`, {
    credentials: { user: 'default', password: '' },
    spool: join(server.folder, 'spool'),
    blockRows: 10,
  });
  await createTables(store.cluster, tables);
  await store.bindKey(fingerprint);
});
afterAll(() => server.stop());
afterEach(() => vi.restoreAllMocks());

/** Begins an import at another time. */
const beginAt = (at: number, id: string) => {
  vi.spyOn(Date, 'now').mockReturnValue(at);
  try {
    return store.beginImport(id);
  } finally {
    vi.restoreAllMocks();
  }
};

/** Waits until servers hold no hidden rows of an import any more. */
const untilGone = async (of: ClickhouseStore): Promise<void> => {
  const until = Date.now() + 20_000;
  while ((await of.hidden()).length > 0 && Date.now() < until) await sleep(50);
  expect(await of.hidden()).toEqual([]);
};

const flowsShown = async (): Promise<string> => server.ask('SELECT count(), sum(up_bytes) FROM sonde.flows');

test('what broke off long ago goes, and what shows stays', async () => {
  await importFlows(store, 'a', 50);
  const before = await flowsShown();
  const broken = beginAt(Date.now() - 2 * HOUR_MS, 'broken');
  await broken.write(someFlows('broken', 0, 30));
  await vi.waitFor(async () => expect((await store.hidden())[0]?.rows).toBe(30), 10_000);
  expect(await flowsShown()).toBe(before);
  expect(await store.vacuum(3 * HOUR_MS)).toEqual([]);
  expect(await store.vacuum(HOUR_MS)).toMatchObject([{ table: 'flows', rows: 30 }]);
  await broken.abort();
  await untilGone(store);
  expect(await flowsShown()).toBe(before);
});

test('an import that runs is not touched', async () => {
  const run = store.beginImport('running');
  await run.write(someFlows('running', 0, 30));
  await vi.waitFor(async () => expect((await store.hidden())[0]?.rows).toBe(30), 10_000);
  expect(await store.vacuum(HOUR_MS)).toEqual([]);
  await expect(store.vacuum(0)).rejects.toMatchObject({ code: 'SONDE_USAGE' });
  await run.write(importRow('running'));
  expect(await run.commit()).toEqual({ added: true });
  expect(await store.hidden()).toEqual([]);
});

test('one that runs for longer than it was left shows nothing of the half that is there, and all after a repeat', async () => {
  const before = await flowsShown();
  const run = beginAt(Date.now() - 2 * HOUR_MS, 'long');
  await run.write(someFlows('long', 0, 30));
  await vi.waitFor(async () => expect((await store.hidden())[0]?.rows).toBe(30), 10_000);
  expect(await store.vacuum(HOUR_MS)).toHaveLength(1);
  await untilGone(store);
  await run.write(someFlows('long', 30, 40));
  await run.write(importRow('long'));
  await expect(run.commit()).rejects.toMatchObject({
    code: 'SONDE_STORE_WRITE_FAILED',
    message: 'of the 40 rows of flows that were written, servers have 10',
  });
  await run.abort();
  expect(await flowsShown()).toBe(before);
  // Nothing of it is left for the next command either.
  await store.bindKey(fingerprint);
  expect(await store.hasImport('long')).toBe(false);
  expect(await importFlows(store, 'long', 40)).toEqual({ added: true });
  const slow = beginAt(Date.now() - 2 * HOUR_MS, 'slow');
  await slow.write(someFlows('slow', 0, 40));
  await slow.write(importRow('slow'));
  expect(await slow.commit()).toEqual({ added: true });
}, 60_000);

test.skipIf(!hasClickhouse)(
  'on a cluster of old servers too, on all shards and replicas',
  async () => {
    const servers = await startCluster();
    try {
      const cluster = await clusterStore(servers, 'vacuum', { blockRows: 10 });
      await importFlows(cluster, 'a', 500);
      vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 2 * HOUR_MS);
      const broken = cluster.beginImport('broken');
      vi.restoreAllMocks();
      await broken.write(someFlows('broken', 0, 200));
      await vi.waitFor(async () => expect((await cluster.hidden())[0]?.rows).toBeGreaterThan(100), 10_000);
      await broken.abort();
      expect(await cluster.vacuum(HOUR_MS)).toHaveLength(1);
      await untilGone(cluster);
      expect(await shown(servers, cluster)).toBe(whole(1, 500));
    } finally {
      await servers.stop();
    }
  },
  120_000,
);
