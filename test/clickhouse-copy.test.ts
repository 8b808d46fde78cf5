/** A folder into a ClickHouse and back, by the commands: the same rows with the same checksums. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { type ChdbServer, startChdb } from './chdb-server.ts';
import { hasClickhouse, startCluster } from './clickhouse-servers.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { contentsOf } from './store-contents.ts';

let box: Sandbox;
let server: ChdbServer;
let db: string;

const copy = async (from: string, to: string) => {
  const { out, err } = await box.run(['db', 'copy', '--db', from, '--to', to, '--format', 'csv'], {
    env: { SONDE_SPOOL: join(box.folder, 'spool') },
  });
  return { sums: out, said: err };
};

beforeAll(async () => {
  box = makeSandbox();
  server = await startChdb();
  db = `clickhouse://127.0.0.1:${server.port}/sonde`;
  for (const seed of [1, 2]) {
    writePcap(join(box.folder, `${seed}.pcap`), plantedWhatsApp({ seed, clients: 4 }).frames);
    await box.run(['import', `${seed}.pcap`, '--db', 'store']);
  }
});
afterAll(async () => {
  await server.stop();
  box.remove();
});

test('there and back the rows are the same, and a copy that is repeated adds nothing', async () => {
  expect((await box.run(['db', 'create', '--db', db])).err).toMatch(/^8 tables on 1 of ClickHouse 2\d\./);
  expect((await box.run(['db', 'migrate', '--db', db])).err).toBe('nothing was missing\n');
  const there = await copy('store', db);
  expect(there.said).toBe('2 imports copied, 0 were there, 0 still run\n');
  expect(there.sums).toMatch(/^table,rows,sum\nflows,[1-9]\d*,[1-9]\d*\n/);
  const back = await copy(db, 'back');
  expect(back).toEqual(there);
  const contents = await contentsOf(join(box.folder, 'store'));
  expect(await contentsOf(join(box.folder, 'back'))).toEqual(contents);
  expect(await copy('store', db)).toEqual({ ...there, said: '0 imports copied, 2 were there, 0 still run\n' });
  // What was copied is known as what was imported.
  const { err } = await box.run(['import', '1.pcap', '--db', 'back']);
  expect(err).toContain('already imported');
}, 180_000);

test('a copy that differs is told', async () => {
  await server.ask(
    'INSERT INTO sonde.flows_rows SELECT * FROM sonde.flows_rows LIMIT 1 SETTINGS insert_deduplicate = 0',
  );
  const { code, err } = await box.sonde(['db', 'copy', '--db', 'store', '--to', db]);
  expect([code, err]).toEqual([1, expect.stringMatching(/the copy of flows is not what.*SONDE_STORE_CORRUPT/s)]);
});

test('a database without tables is told', async () => {
  const { code, err } = await box.sonde(['db', 'copy', '--db', 'store', '--to', db.replace(/sonde$/, 'nothing')]);
  expect([code, err]).toEqual([1, expect.stringMatching(/no tables of a store.*sonde db create/s)]);
});

test.skipIf(!hasClickhouse)(
  'a cluster of old servers gets the same rows',
  async () => {
    const { servers, stop } = await startCluster();
    try {
      const cluster = `clickhouse://127.0.0.1:${servers[0]!.httpPort}/sonde?cluster=probes`;
      await box.run(['db', 'create', '--db', cluster]);
      expect((await copy('store', cluster)).sums).toBe((await copy('back', 'again')).sums);
    } finally {
      await stop();
    }
  },
  180_000,
);
