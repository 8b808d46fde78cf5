/** One text asks a folder and a ClickHouse the same, and both give the same rows of the same kinds. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClickhouseStore, openClickhouse } from '../src/store/clickhouse/clickhouse-store.ts';
import { createTables } from '../src/store/clickhouse/create-tables.ts';
import type { Parameters } from '../src/store/engine/dialect.ts';
import { openStore, type Store } from '../src/store/index.ts';
import { dns, flows, tables } from '../src/tickets/index.ts';
import { type ChdbServer, startChdb } from './chdb-server.ts';
import { fingerprint } from './clickhouse-fixture.ts';
import { evening, importRow, sealRows } from './store-fixture.ts';

let server: ChdbServer;
let clickhouse: ClickhouseStore;
let folder: Store;

const importSome = async (store: Store | ClickhouseStore, id: string, start: number): Promise<void> => {
  const run = store.beginImport(id);
  await run.write(
    sealRows(
      flows,
      Array.from({ length: 3000 }, (_, i) => ({
        source: id,
        client: `client ${i % 70}`,
        started_at: start + i * 1_234_567,
        reported_at: start + i * 1_234_567 + 1,
        service: ['WhatsApp', '', 'Skype'][i % 3]!,
        fqdn: `mmi${i % 40}.whatsapp.net`,
        up_bytes: 2 ** 40 + i,
        alpn: i % 5 === 0 ? ['h2', `h${i}`] : [],
        ...(i % 2 === 0 ? { server_rtt_us: i * 7 } : {}),
        ...(i % 4 === 0 ? { ech_offered: i % 8 === 0 ? 1 : 0 } : {}),
        ...(i % 7 === 0 ? { service_confidence: (i % 100) / 100 } : {}),
      })),
    ),
  );
  await run.write(sealRows(dns, [{ source: id, asked_at: start, ttls_s: [60, 300], answers: ['31.13.93.53', '::1'] }]));
  await run.write(importRow(id));
  expect(await run.commit()).toEqual({ added: true });
};

beforeAll(async () => {
  server = await startChdb();
  clickhouse = await openClickhouse(`clickhouse://127.0.0.1:${server.port}/sonde`, {
    credentials: { user: 'default', password: '' },
    spool: join(server.folder, 'spool'),
  });
  await createTables(clickhouse.cluster, tables);
  await clickhouse.bindKey(fingerprint);
  folder = await openStore(join(server.folder, 'store'));
  await folder.bindKey(fingerprint);
  for (const [i, id] of ['a', 'b'].entries())
    for (const store of [folder, clickhouse]) await importSome(store, id, evening + i * 7200e6);
});
afterAll(() => server.stop());

interface Question {
  readonly sql: string;
  readonly parameters?: Parameters;
}

const questions: readonly Question[] = [
  { sql: 'SELECT * FROM flows ORDER BY source, started_at' },
  { sql: 'SELECT * FROM dns ORDER BY source' },
  { sql: 'SELECT * FROM imports ORDER BY id' },
  { sql: 'SELECT service, uniqExact(fqdn) AS names, sum(up_bytes) AS n FROM flows GROUP BY service ORDER BY service' },
  { sql: 'SELECT toStartOfHour(started_at) AS hour, count(*) AS n FROM flows GROUP BY hour ORDER BY hour' },
  {
    sql: `SELECT count(*) AS n FROM flows
          WHERE service = {service:String} AND up_bytes >= {least:Int64} AND has({fqdns:Array(String)}, fqdn)`,
    parameters: { service: 'WhatsApp', least: 2 ** 40 + 100, fqdns: ["it's\t\\", 'mmi3.whatsapp.net'] },
  },
  {
    sql: 'SELECT {text:String} AS text, {many:Array(String)} AS many',
    parameters: { text: "a'b\\c\td\n", many: ["a'b\\c\td\n", ''] },
  },
  {
    sql: `SELECT f.fqdn AS name, d.latency_us AS latency FROM flows AS f LEFT JOIN dns AS d ON d.asked_at = f.started_at
          ORDER BY f.source, f.started_at LIMIT 9`,
  },
  {
    sql: 'SELECT avg(server_rtt_us) AS a, max(service_confidence) AS b, min(started_at) AS c, countIf(ech_offered) AS d FROM flows',
  },
  {
    sql: 'SELECT count(*) AS n, max(up_bytes) AS most FROM flows WHERE service = {none:String}',
    parameters: { none: '?' },
  },
];

test.each(questions)('$sql', async ({ sql, parameters = {} }) => {
  const answers = [];
  for (const store of [folder, clickhouse]) {
    const snapshot = await store.snapshot();
    const result = await snapshot.query(sql, parameters);
    answers.push({ columns: result.columns, rows: await result.rows() });
    await snapshot.close();
  }
  expect(answers[0]!.rows.length).toBeGreaterThan(0);
  expect(answers[1]).toEqual(answers[0]);
});

test('an import that is known is not added, in full or in part', async () => {
  const run = clickhouse.beginImport('a');
  await run.write(sealRows(flows, [{ source: 'a' }]));
  await run.write(importRow('a'));
  expect(await run.commit()).toEqual({ added: false });
  const snapshot = await clickhouse.snapshot();
  const [row] = await (await snapshot.query('SELECT count(*) AS n FROM flows')).rows();
  expect(row).toEqual({ n: 6000 });
  expect(snapshot.sizes.find(({ table }) => table === 'imports')).toMatchObject({ version: 2, rows: 2 });
});

test('a block that is sent again counts once', async () => {
  const insert = (number: number): Promise<string> =>
    server.ask(
      `INSERT INTO sonde.bursts_rows (source, write_attempt, write_block) SETTINGS insert_deduplication_token = 't-${number}' VALUES ('x', 't', ${number})`,
    );
  for (const number of [1, 2, 1, 1, 2]) await insert(number);
  expect(await server.ask("SELECT count() FROM sonde.bursts_rows WHERE source = 'x'")).toBe('2\n');
});

test('limits, mistakes and what may not be asked have their codes', async () => {
  const snapshot = await clickhouse.snapshot();
  const failure = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'no failure',
      ({ code }: { readonly code: string }) => code,
    );
  const taken = async (sql: string, rows: number): Promise<unknown> =>
    (await snapshot.userQuery(sql, {}, { rows })).rows();
  expect(await taken('SELECT source FROM flows LIMIT 7 -- seven', 7)).toHaveLength(7);
  expect(await failure(taken('SELECT source FROM flows', 10))).toBe('SONDE_QUERY_LIMIT');
  expect(await failure(taken('SELECT nothing FROM flows', 10))).toBe('SONDE_QUERY_FAILED');
  expect(await failure(taken('SELECT throwIf(up_bytes > 1099511630000) FROM flows', 1e6))).toBe('SONDE_QUERY_FAILED');
  expect(await failure(taken('DROP TABLE sonde.flows_rows', 10))).toBe('SONDE_QUERY_REFUSED');
});
