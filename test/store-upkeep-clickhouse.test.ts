/** ClickHouse's reader of Delta tables sees what Sonde sees, whatever was done to the store. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Store } from '../src/store/index.ts';
import { dns, flows, imports } from '../src/tickets/index.ts';
import { askChdb } from './ask-chdb.ts';
import { ask, evening, sealRows, temporaryStore } from './store-fixture.ts';

const rowsOf = (id: string, start: number, count: number) => [
  sealRows(
    flows,
    Array.from({ length: count }, (_, i) => ({
      source: id,
      flow_id: `${String(i).padStart(8, '0')}${Math.floor(start / 1e6).toString(16)}`,
      reported_at: start + i,
      started_at: start + i,
      up_bytes: 2 ** 40 + i,
      fqdn: `mmi${i % 4}.whatsapp.net`,
      alpn: i % 5 === 0 ? ['h2', `h${i}`] : [],
      ...(i % 2 === 0 ? { server_rtt_us: i * 7 } : {}),
      ...(i % 3 === 0 ? { ech_offered: i % 2 } : {}),
    })),
  ),
  sealRows(dns, [
    { source: id, reported_at: start, asked_at: start, ttls_s: [60, 300], answers: ['31.13.93.53', '::1'] },
  ]),
];

const rowOfImport = (id: string, at: number, state = 'complete') =>
  sealRows(imports, [{ source: id, id, reported_at: at, state }]);

const add = async (store: Store, id: string, start: number): Promise<void> => {
  const run = store.beginImport(id);
  for (const batch of rowsOf(id, start, 20)) await run.write(batch);
  await run.write(rowOfImport(id, start + 20));
  await run.commit();
};

const queries = [
  `SELECT source, flow_id, toUnixTimestamp64Micro(reported_at), toUnixTimestamp64Micro(started_at), up_bytes, fqdn,
     alpn, server_rtt_us, ech_offered, client, down_bytes, dns_candidates FROM flows ORDER BY source, flow_id`,
  `SELECT source, toUnixTimestamp64Micro(asked_at), toUnixTimestamp64Micro(answered_at), ttls_s, answers, aliases,
     truncated FROM dns ORDER BY source, asked_at`,
  'SELECT id, state, toUnixTimestamp64Micro(reported_at), packet_count FROM imports ORDER BY id',
];

const plain = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(plain) : value === true ? 1 : value === false ? 0 : value;

const expectSame = async (store: Store, stage: string, rows: number): Promise<void> => {
  const texts = queries.map((sql) =>
    sql.replace(
      /\bFROM (flows|dns|imports)\b/g,
      (_, name: string) => `FROM deltaLakeLocal('${join(store.path, name)}')`,
    ),
  );
  const answers = askChdb(store.path, texts);
  for (const [i, sql] of queries.entries()) {
    const own = (await ask(store, sql)).map((row) => plain(Object.values(row)));
    if (i === 0) expect(own, stage).toHaveLength(rows);
    expect(answers[i]!.map(plain), `${stage}: ${sql}`).toEqual(own);
  }
};

test('after appends, removals, compaction, checkpoints, retention, and without the beginning of the log', async () => {
  const store = await temporaryStore();
  const now = { removedMs: -1, unnamedMs: -1 };
  for (let i = 0; i < 3; i++) await add(store, `import-${i}`, evening + i * 60e6);
  await expectSame(store, 'appends', 60);

  const stream = store.beginStream('stream');
  const commit = async (i: number, state: string): Promise<void> => {
    const start = evening + 600e6 + i * 1e6;
    for (const batch of rowsOf('stream', start, 2)) await stream.write(batch);
    await stream.commit(rowOfImport('stream', start, state));
  };
  for (let i = 0; i < 70; i++) await commit(i, 'running');
  await expectSame(store, 'removals and a checkpoint', 200);

  await store.compact();
  await expectSame(store, 'compaction', 200);
  await store.vacuum(now);
  await expectSame(store, 'vacuum', 200);

  for (let i = 70; i < 140; i++) await commit(i, i === 139 ? 'complete' : 'running');
  await store.vacuum(now);
  expect(existsSync(join(store.path, 'imports/_delta_log', `${'0'.repeat(20)}.json`))).toBe(false);
  await expectSame(store, 'without the beginning of the log', 340);

  await add(store, 'import-last', evening + 900e6);
  // From the end of that one back: the commits of the stream from the 101st on.
  await store.retain({ ageUs: 200e6 });
  await store.compact();
  await store.vacuum(now);
  await expectSame(store, 'retention and compaction', 98);
}, 120_000);
