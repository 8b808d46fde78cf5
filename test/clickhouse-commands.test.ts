/** The commands over a ClickHouse say what they say over a folder of the same imports. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../src/cli/main.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { tables } from '../src/tickets/index.ts';
import { type ChdbServer, startChdb } from './chdb-server.ts';
import { makeSandbox, type Outcome, type Sandbox } from './command-line.ts';

let box: Sandbox;
let server: ChdbServer;
let db: string;
let imported: readonly [folder: Outcome, clickhouse: Outcome];

const ignore = (): undefined => undefined;
const silent = { out: ignore, err: ignore, errIsTty: false, width: 80, env: {}, now: () => new Date() };
const env = () => ({ SONDE_SPOOL: join(box.folder, 'spool') });
const both = async (...args: readonly string[]): Promise<readonly [folder: Outcome, clickhouse: Outcome]> => [
  await box.run([...args, '--db', 'store'], { env: env() }),
  await box.run([...args, '--db', db], { env: env() }),
];
/** Where the machine is slow, progress is told too. */
const said = ({ err }: Outcome): string => err.replaceAll(/^.*MB\/s.*\n/gm, '').replaceAll(db, 'store');
const unused = (name: string): readonly string[] => ['services', 'check', '--db', name];
const sorted = ({ out }: Outcome): readonly string[] => out.split('\n').sort();
/** Versions of tables are told by each store in its own way. */
const withoutSnapshot = (text: string): string => text.replaceAll(/snapshot [^;"<]*;\s*/g, '').replaceAll(/\s+/g, ' ');

beforeAll(async () => {
  box = makeSandbox();
  server = await startChdb();
  db = `clickhouse://127.0.0.1:${server.port}/sonde`;
  await box.run(['db', 'create', '--db', db]);
  for (const seed of [1, 2])
    writePcap(join(box.folder, `${seed}.pcap`), plantedWhatsApp({ seed, clients: 4, hours: 1 }).frames);
  imported = await both('import', '1.pcap', '2.pcap');
}, 60_000);
afterAll(async () => {
  await server.stop();
  box.remove();
});

describe('import', () => {
  test('adds each capture once', async () => {
    for (const [say, [folder, clickhouse]] of [
      [/: \d.* packets, [1-9].* rows/, imported],
      [/: already imported/, await both('import', '1.pcap', '2.pcap')],
    ] as const) {
      expect(said(folder)).toMatch(say);
      expect(said(clickhouse)).toBe(said(folder));
    }
  });

  test('knows from standard input what it had from a file', async () => {
    const input = readFileSync(join(box.folder, '1.pcap'));
    expect((await box.run(['import', '-', '--db', db], { input, env: env() })).err).toMatch(/^-: already imported/);
  });

  test('is refused with another key', async () => {
    const { code, err } = await box.sonde(['import', '1.pcap', '--db', db, '--key-file', 'another'], { env: env() });
    expect([code, err]).toEqual([1, expect.stringContaining('SONDE_KEY_MISMATCH')]);
  });
});

describe('the same is said by', () => {
  test.each(['table', 'csv', 'ndjson', 'json'])('query, as %s', async (format) => {
    const sql = `SELECT service, class, count(*) AS flows, sum(up_bytes) AS bytes, min(started_at) AS first, avg(server_rtt_us) AS rtt,
      max(ech_offered) AS ech FROM flows GROUP BY service, class ORDER BY service, class`;
    const [folder, clickhouse] = await both('query', sql, '--format', format);
    expect(folder.out).toContain('whatsapp');
    expect(clickhouse.out).toBe(folder.out);
  });

  test.each(['traffic', 'hosting', 'coverage'])('show %s', async (analysis) => {
    for (const words of [['whatsapp'], ['whatsapp', '--format', 'json']]) {
      const [folder, clickhouse] = await both('show', analysis, ...words);
      expect(folder.out.length).toBeGreaterThan(1000);
      expect(withoutSnapshot(clickhouse.out)).toBe(withoutSnapshot(folder.out));
    }
  });

  test('services check', async () => {
    const [folder, clickhouse] = await both('services', 'check', '--days', '1');
    expect(folder.err).not.toMatch(/reclassify/);
    expect(clickhouse).toEqual(folder);
  });

  test('report', async () => {
    const pages = [];
    for (const name of ['store', db]) {
      await box.run(['report', 'whatsapp', '-o', 'report', '--db', name], { env: env() });
      pages.push(withoutSnapshot(readFileSync(join(box.folder, 'report/index.html'), 'utf8')));
    }
    expect(pages[0]).toMatch(/<svg/);
    expect(pages[1]).toBe(pages[0]);
  });

  test('explain, of flows with names, requests and sessions', async () => {
    const ids = await box.ask('store', 'SELECT flow_id FROM flows ORDER BY dns_name DESC, http_host DESC LIMIT 3');
    expect(ids).toHaveLength(3);
    for (const { flow_id } of ids) {
      const [folder, clickhouse] = await both('explain', String(flow_id));
      expect(folder.out).toMatch(/service {2}/);
      expect(clickhouse.out).toBe(folder.out);
    }
    const { code, err } = await box.sonde(['explain', '0'.repeat(16), '--db', db], { env: env() });
    expect([code, err]).toEqual([1, expect.stringContaining('SONDE_NOT_FOUND')]);
  });

  test('services check, of rules that nothing uses of late', async () => {
    const [folder, clickhouse] = [await box.sonde(unused('store')), await box.sonde(unused(db), { env: env() })];
    expect(clickhouse).toEqual(folder);
  });

  test('imports', async () => {
    for (const format of ['table', 'json']) {
      const [folder, clickhouse] = await both('imports', '--format', format);
      expect(folder.out).toContain('complete');
      expect(clickhouse.out).toBe(folder.out);
    }
  });

  test.each(tables.map(({ name }) => name))('export %s, but for the order', async (table) => {
    const [folder, clickhouse] = await both('export', table);
    expect(sorted(clickhouse)).toEqual(sorted(folder));
  });

  test('export of a stretch of time', async () => {
    const range = ['--from', '2014-02-18T18:10Z', '--until', '2014-02-18T18:30Z'];
    const [folder, clickhouse] = await both('export', 'flows', ...range, '--format', 'ndjson');
    expect(sorted(folder).length).toBeGreaterThan(2);
    expect(sorted(clickhouse)).toEqual(sorted(folder));
  });
});

test('a Parquet file has the same rows', async () => {
  for (const [name, file] of [
    ['store', 'folder'],
    [db, 'clickhouse'],
  ])
    await box.run(['export', 'dns', '--db', name!, '-o', `${file}.parquet`], { env: env() });
  const rowsOf = (file: string): Promise<string> =>
    server.ask(`SELECT cityHash64(groupArray(r)) FROM (SELECT tuple(qname, answers, ttls_s, latency_us, toUnixTimestamp64Micro(asked_at), truncated) AS r
      FROM file('${join(box.folder, file)}.parquet') ORDER BY r)`);
  expect(await rowsOf('clickhouse')).toBe(await rowsOf('folder'));
});

test('status and doctor tell of servers', async () => {
  const status = await box.run(['db', 'status', '--db', db], { env: env() });
  expect(status.out).toMatch(/store .*: ClickHouse 2\d\..*, 1 server in\s+1 shard.*free/s);
  const [flows] = JSON.parse((await box.run(['db', 'status', '--db', db, '--format', 'json'], { env: env() })).out);
  expect(flows).toMatchObject({ table: 'flows', hidden_rows: 0, first_at: expect.stringMatching(/^2014-02-18T/) });
  const [counted] = await box.ask('store', 'SELECT count(*) AS n FROM flows');
  expect(flows.rows).toBe(counted!.n);
  const doctor = await box.run(['doctor', '--db', db], { env: env() });
  expect(doctor.out).toMatch(/ok {4}store .*ClickHouse.*ok {4}tables .*ok {4}imports .*none is hidden.*ok {4}disk/s);
});

test.each([
  ['import', '1.pcap', '--continue'],
  ['import', '--finish'],
  ['import', '--watch', '.'],
  ['capture', '-i', '-', '--continue'],
  ['query', 'SELECT 1', '--snapshot', '1'],
  ['export', 'flows', '--snapshot', '1'],
  ['jobs', 'run'],
  ['jobs', 'list'],
  ['reclassify'],
  ['doctor', '--deep'],
  ['db', 'history'],
  ['db', 'compact'],
  ['db', 'retain', '--age', '1'],
])('what a folder alone can do says so: %j', async (...args) => {
  const program = await buildProgram(silent, ignore);
  await expect(program.parseAsync([...args, '--db', db], { from: 'user' })).rejects.toMatchObject({
    code: 'SONDE_USAGE',
    message: expect.stringContaining('works on a folder alone'),
    hint: expect.stringContaining('sonde db copy'),
  });
});

test('no server, no tables, no address: each has its error', async () => {
  for (const [name, code, message] of [
    ['clickhouse://127.0.0.1:1/sonde', 1, /no ClickHouse answers/],
    [db.replace(/sonde$/, 'nothing'), 1, /no tables of a store.*sonde db create/s],
    ['clickhouse://127.0.0.1', 2, /not the address/],
    ['postgres://127.0.0.1/sonde', 2, /not a store/],
  ] as const) {
    const outcome = await box.sonde(['show', 'traffic', '--db', name], { env: env() });
    expect([outcome.code, outcome.err]).toEqual([code, expect.stringMatching(message)]);
  }
});
