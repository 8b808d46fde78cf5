/** Delivery to a cluster whose servers are killed: every row counts once, and an import shows wholly or not at all. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clusterStore, fingerprint, importFlows, shown, someFlows, whole } from './clickhouse-fixture.ts';
import { killServers } from './clickhouse-kills.ts';
import { hasClickhouse, type Servers, startCluster } from './clickhouse-servers.ts';
import { importRow } from './store-fixture.ts';

const seed = Number(process.env.SONDE_SEED ?? 20_140_222);

describe.skipIf(!hasClickhouse)('a cluster', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startCluster();
  });
  afterAll(() => servers.stop());
  beforeEach(async () => {
    await Promise.all(servers.servers.map((server) => server.start()));
  });

  test('shows an import when it is complete, and the same import once', async () => {
    const store = await clusterStore(servers, 'once', { blockRows: 100 });
    const run = store.beginImport('a');
    await run.write(someFlows('a', 0, 1000));
    await run.write(importRow('a'));
    expect(await servers.servers[0]!.ask('SELECT count() FROM once.flows')).toBe('0\n');
    expect(await run.commit()).toEqual({ added: true });
    expect(await shown(servers, store)).toBe(whole(1, 1000));
    expect([await store.hasImport('a'), await store.hasImport('b')]).toEqual([true, false]);
    expect(await importFlows(store, 'a', 1000)).toEqual({ added: false });
    expect(await importFlows(store, 'b', 1000)).toEqual({ added: true });
    expect(await shown(servers, store)).toBe(whole(2, 1000));
    expect(existsSync(join(servers.folder, 'spool/once')) && readdirSync(join(servers.folder, 'spool/once'))).toEqual(
      [],
    );
  });

  test('shows one of two that import the same at the same time', async () => {
    const store = await clusterStore(servers, 'two');
    const stores = [store, await clusterStore(servers, 'two')];
    const [first, second] = await Promise.all(stores.map((one) => importFlows(one, 'a', 500, 100)));
    expect(first!.added || second!.added).toBe(true);
    expect(await shown(servers, store)).toBe(whole(1, 500));
  });

  test('knows what was imported, by what was read, and the key', async () => {
    const store = await clusterStore(servers, 'known');
    await importFlows(store, 'a', 10);
    const has = (appId: string) => store.has({ appId, version: 1 });
    expect([await has('import:a'), await has('import:a:content of a'), await has('import:a:other')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([await store.contentOf('a'), await store.contentOf('b')]).toEqual(['content of a', '']);
    expect(await store.keyFingerprint()).toBe(fingerprint);
    await expect(store.bindKey('fedcba9876543210')).rejects.toMatchObject({ code: 'SONDE_KEY_MISMATCH' });
  });

  test('takes blocks while a replica is away, which fetches them when it is back', async () => {
    const store = await clusterStore(servers, 'away', { blockRows: 50 });
    await servers.servers[0]!.kill();
    expect(await importFlows(store, 'a', 500, 50)).toEqual({ added: true });
    await servers.servers[0]!.start();
    expect(await shown(servers, store)).toBe(whole(1, 500));
  });

  test('stops who writes when 50 blocks of a table wait, shows nothing of it, and all of it after a repeat', async () => {
    const store = await clusterStore(servers, 'full', { blockRows: 1, patienceMs: 3000 });
    await servers.servers[2]!.kill();
    const run = store.beginImport('a');
    let batches = 0;
    const write = async (): Promise<void> => {
      for (; batches < 1000; batches++) await run.write(someFlows('a', batches, batches + 1));
    };
    await expect(write()).rejects.toMatchObject({
      code: 'SONDE_STORE_WRITE_FAILED',
      message: expect.stringMatching(/no replica takes a block of flows.*127\.0\.0\.3/),
    });
    expect(batches).toBeGreaterThan(50);
    expect(batches).toBeLessThan(250);
    await run.abort();
    await servers.servers[2]!.start();
    expect(await shown(servers, store)).toBe(whole(0, 0));
    expect(await importFlows(await clusterStore(servers, 'full'), 'a', 500)).toEqual({ added: true });
    expect(await shown(servers, store)).toBe(whole(1, 500));
  });

  test('gets from the next command what was complete in the spool', async () => {
    const store = await clusterStore(servers, 'left', { patienceMs: 300 });
    await servers.servers[2]!.kill();
    await expect(importFlows(store, 'a', 500)).rejects.toMatchObject({ code: 'SONDE_STORE_WRITE_FAILED' });
    await servers.servers[2]!.start();
    expect(await shown(servers, store)).toBe(whole(0, 0));
    await (await clusterStore(servers, 'left')).bindKey(fingerprint);
    expect(await shown(servers, store)).toBe(whole(1, 500));
    expect(await importFlows(store, 'a', 500)).toEqual({ added: false });
  });

  test(`has every row once though servers are killed, seed ${seed}`, async () => {
    const { kills, shown: answer, expected } = await killServers(servers, { seed, batches: 8 });
    expect(kills).toBeGreaterThan(0);
    expect(answer, `after ${kills} kills`).toBe(expected);
  }, 240_000);
});
