/** Streams into a ClickHouse: rows show at each commit, count once whatever is killed, and a stream has one row of imports. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClickhouseStore, openClickhouse } from '../src/store/clickhouse/clickhouse-store.ts';
import { createTables } from '../src/store/clickhouse/create-tables.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { imports, tables } from '../src/tickets/index.ts';
import { type ChdbServer, startChdb } from './chdb-server.ts';
import { clusterStore, fingerprint, importFlows, shown, someFlows } from './clickhouse-fixture.ts';
import { hasClickhouse, startCluster } from './clickhouse-servers.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { evening, sealRows } from './store-fixture.ts';

const rowOf = (id: string, packets: number, state = 'running') =>
  sealRows(imports, [{ source: id, id, vantage: 'vienna', reported_at: evening, packet_count: packets, state }]);

let box: Sandbox;
let server: ChdbServer;
let store: ClickhouseStore;
let db: string;

beforeAll(async () => {
  box = makeSandbox();
  server = await startChdb();
  db = `clickhouse://127.0.0.1:${server.port}/sonde`;
  const credentials = { user: 'default', password: '' };
  store = await openClickhouse(db, { credentials, spool: join(server.folder, 'spool'), blockRows: 10 });
  await createTables(store.cluster, tables);
  await store.bindKey(fingerprint);
});
afterAll(async () => {
  await server.stop();
  box.remove();
});

const flowsOf = (id: string): Promise<string> => server.ask(`SELECT count() FROM sonde.flows WHERE source = '${id}'`);
const importOf = (id: string): Promise<string> =>
  server.ask(`SELECT packet_count, state FROM sonde.imports WHERE id = '${id}'`);

test('each commit shows what was written before it, and takes the place of the row of the one before', async () => {
  const stream = store.beginStream('s');
  await stream.commit(rowOf('s', 0));
  expect(await importOf('s')).toBe('0\trunning\n');
  await stream.write(someFlows('s', 0, 25));
  expect(await flowsOf('s')).toBe('0\n');
  const commit = stream.commit(rowOf('s', 25));
  await stream.write(someFlows('s', 25, 60));
  await commit;
  expect([await flowsOf('s'), await importOf('s')]).toEqual(['25\n', '25\trunning\n']);
  await stream.commit(rowOf('s', 60, 'complete'));
  expect([await flowsOf('s'), await importOf('s'), stream.commits]).toEqual(['60\n', '60\tcomplete\n', 3]);
  expect(await store.hidden()).toEqual([]);
});

test('one that breaks off keeps what its last commit showed, and tells when that was', async () => {
  const began = Date.now();
  const stream = store.beginStream('broken');
  await stream.write(someFlows('broken', 0, 20));
  await stream.commit(rowOf('broken', 20));
  await stream.write(someFlows('broken', 20, 50));
  await stream.abort();
  expect([await flowsOf('broken'), await importOf('broken')]).toEqual(['20\n', '20\trunning\n']);
  expect((await store.lastCommits()).get('broken')).toBeGreaterThanOrEqual(began);
});

describe('a capture', () => {
  beforeAll(async () => {
    writePcap(join(box.folder, 'a.pcap'), plantedWhatsApp({ seed: 1, clients: 3, hours: 1 }).frames);
    await box.run(['db', 'create', '--db', db.replace(/sonde$/, 'live')]);
  });
  const live = () => ({ env: { SONDE_SPOOL: join(box.folder, 'spool') } });
  const args = (name: string) => ['capture', '-i', '-', '--db', name];

  test('has the rows that it has in a folder', async () => {
    const input = readFileSync(join(box.folder, 'a.pcap'));
    const rows = [];
    for (const name of ['store', db.replace(/sonde$/, 'live')]) {
      const { err } = await box.run(args(name), { input, ...live() });
      expect(err).toMatch(/^-: [\d,]+ packets, [1-9]/m);
      const sql = 'SELECT flow_id, started_at, up_bytes, fqdn, service FROM flows ORDER BY flow_id, started_at';
      const flows = await box.run(['query', sql, '--db', name, '--format', 'csv'], live());
      const told = await box.run(['imports', '--db', name], live());
      rows.push([flows.out, told.out]);
    }
    expect(rows[0]![1]).toContain('complete');
    expect(rows[1]).toEqual(rows[0]);
  }, 60_000);

  test('that is killed keeps what it showed, and the next command goes on', async () => {
    const name = db.replace(/sonde$/, 'live');
    const { child, outcome } = box.start([...args(name), '--commit-every', '1'], live());
    child.stdin.write(readFileSync(join(box.folder, 'a.pcap')));
    const running = "SELECT packet_count FROM live.imports WHERE state = 'running' AND packet_count > 0";
    for (let i = 0; i < 240 && (await server.ask(running)) === ''; i++) await sleep(250);
    child.kill('SIGKILL');
    await outcome;
    const packets = await server.ask(running);
    expect(Number(packets)).toBeGreaterThan(0);
    await box.run(['import', 'a.pcap', '--db', name], live());
    expect(await server.ask(running)).toBe(packets);
    expect(await server.ask('SELECT uniqExact(source), uniqExact(id) FROM live.imports')).toBe('3\t3\n');
  }, 120_000);
});

test.skipIf(!hasClickhouse)(
  'a cluster shows commits on all servers, and gets from the next command what was complete in the spool',
  async () => {
    const servers = await startCluster();
    try {
      const cluster = await clusterStore(servers, 'streams', { patienceMs: 300 });
      const stream = cluster.beginStream('s');
      await stream.write(someFlows('s', 0, 200));
      await stream.commit(rowOf('s', 200));
      expect(await shown(servers, cluster)).toBe(`200\t200\t${(200 * 199) / 2}\t1`);
      await servers.servers[2]!.kill();
      await stream.write(someFlows('s', 200, 300));
      await expect(stream.commit(rowOf('s', 300))).rejects.toMatchObject({ code: 'SONDE_STORE_WRITE_FAILED' });
      await stream.abort();
      await servers.servers[2]!.start();
      expect(await shown(servers, cluster)).toBe(`200\t200\t${(200 * 199) / 2}\t1`);
      const next = await clusterStore(servers, 'streams');
      expect(await shown(servers, cluster)).toBe(`300\t300\t${(300 * 299) / 2}\t1`);
      await importFlows(next, 'a', 10);
      expect(await shown(servers, cluster)).toBe(`310\t310\t${(300 * 299) / 2 + 45}\t2`);
    } finally {
      await servers.stop();
    }
  },
  180_000,
);
