/** Stored rows under new rules and another address database: as if they were imported by these. */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../src/kit/random.ts';
import { openStore } from '../src/store/index.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';

const rules = `
service: messenger
title: Messenger
sources:
  lab: Made up
rules:
  - class: talk
    suffix: whatsapp.net
    priority: 9
    source: lab
    examples: e1.whatsapp.net
  - class: plain
    protocol: tcp
    ports: 443
    asn: 64500
    source: lab
`;

const networks = 'prefix,asn,org,from,until\n128.0.0.0/1,64500,Upper Half,,\n';

// To look further: SONDE_SEED=7 SONDE_RUNS=100.
const seed = Number(process.env.SONDE_SEED ?? 20_140_222);
const kills = Number(process.env.SONDE_RUNS ?? 5);

let box: Sandbox;
const shape = ['--rules', 'more', '--as-database', 'networks.csv'];

beforeAll(async () => {
  box = makeSandbox();
  mkdirSync(join(box.folder, 'more'));
  writeFileSync(join(box.folder, 'more/messenger.yaml'), rules);
  writeFileSync(join(box.folder, 'networks.csv'), networks);
  writePcap(join(box.folder, 'day.pcap'), plantedWhatsApp({ seed: 5, clients: 4, hours: 2 }).frames);
  await box.run(['import', 'day.pcap', '--db', 'stored']);
  await box.run(['import', 'day.pcap', '--db', 'fresh', ...shape]);
});
afterAll(() => box.remove());

const ask = async (db: string, sql: string, number?: number) => {
  const store = await openStore(join(box.folder, db), { threads: 1 });
  const snapshot = await (number === undefined ? store.snapshot() : store.snapshotAt(number));
  try {
    return await (await snapshot.query(sql)).rows();
  } finally {
    await snapshot.close();
  }
};

const isTold = "service_source NOT IN ('ip-set', 'payload')";
const flowsOf = (db: string, condition: string) => ask(db, `SELECT * FROM flows WHERE ${condition} ORDER BY flow_id`);

test('they get the labels that an import would give them now, and the rest of them stays', async () => {
  const before = await ask('stored', 'SELECT flow_id, service, rules_version FROM flows ORDER BY flow_id');
  const kept = await flowsOf('stored', `NOT ${isTold}`);
  const { out, err } = await box.run(['reclassify', '--db', 'stored', ...shape]);
  expect(out).toBe('');
  expect(err).toMatch(
    /^rewritten: flows: [\d,]+ rows in 1 segment; dns: [\d,]+ rows in 1 segment; imports: 1 row in 1 segment; rules [0-9a-f]{12}, networks /,
  );

  const fresh = await flowsOf('fresh', isTold);
  const ids = new Set(fresh.map(({ flow_id }) => flow_id));
  const now = await flowsOf('stored', isTold);
  expect(fresh.filter(({ service }) => service === 'messenger').length).toBeGreaterThan(10);
  expect(new Set(fresh.map(({ server_asn }) => server_asn))).toContain(64500);
  expect(now.filter(({ flow_id }) => ids.has(flow_id))).toEqual(
    fresh.filter(({ flow_id }) => now.some((row) => row.flow_id === flow_id)),
  );
  // Told by what is not stored: as it was, but for the network.
  const network = ['server_asn', 'server_org', 'server_prefix', 'server_country'];
  const without = (rows: typeof kept) =>
    rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !network.includes(name))));
  expect(without(await flowsOf('stored', `NOT ${isTold}`))).toEqual(without(kept));

  for (const table of ['dns', 'http', 'bursts'])
    expect(await ask('stored', `SELECT * FROM ${table} ORDER BY ALL`)).toEqual(
      await ask('fresh', `SELECT * FROM ${table} ORDER BY ALL`),
    );
  const databases = 'SELECT databases FROM imports';
  expect(await ask('stored', databases)).toEqual(await ask('fresh', databases));

  const labels = 'SELECT flow_id, service, rules_version FROM flows ORDER BY flow_id';
  expect(await ask('stored', labels, 0)).toEqual(before);
});

test('a second time there is nothing to change', async () => {
  const { err } = await box.run(['reclassify', '--db', 'stored', ...shape]);
  expect(err).toMatch(/^nothing to change; rules /);
  const { out } = await box.run(['db', 'history', '--db', 'stored', '--format', 'json']);
  expect(JSON.parse(out).map(({ operation }: { operation: string }) => operation)).toEqual(['import', 'reclassify']);
});

test('where nothing is stored, nothing is made', async () => {
  const { err } = await box.run(['reclassify', '--db', 'nowhere']);
  expect([err, existsSync(join(box.folder, 'nowhere'))]).toEqual(['nothing is stored\n', false]);
});

test('another key is refused, for its pseudonyms would be taken for addresses', async () => {
  const { code, err } = await box.sonde(['reclassify', '--db', 'stored', '--key-file', 'other-key']);
  expect(code).toBe(1);
  expect(err).toContain('SONDE_KEY_MISMATCH');
});

test('and back: the rules and networks of the import give its labels again', async () => {
  await box.run(['reclassify', '--db', 'stored']);
  await box.run(['import', 'day.pcap', '--db', 'first']);
  expect(await flowsOf('stored', 'true')).toEqual(await flowsOf('first', 'true'));
});

test('tables of jobs follow: their windows are to be run again, and are then as if imported by the new rules', async () => {
  // Whose labels depend on nothing but what is stored.
  const jobs = {
    named: "flows WHERE fqdn <> ''",
    asked: 'dns',
  };
  for (const [name, rows] of Object.entries(jobs))
    writeFileSync(
      join(box.folder, `${name}.job.sql`),
      `input ${rows.split(' ')[0]} window 600
output ${name}
  service text
  class text
  n count

SELECT service, class, count(*) AS n FROM ${rows} GROUP BY service, class`,
    );
  const names = Object.keys(jobs);
  const run = (db: string) => box.run(['jobs', 'run', ...names, '--jobs', '.', '--db', db]);
  const contents = async (db: string) =>
    Promise.all(names.map((name) => ask(db, `SELECT * EXCLUDE (source) FROM ${name} ORDER BY ALL`)));
  await box.run(['import', 'day.pcap', '--db', 'rolled']);
  for (const db of ['rolled', 'fresh']) await run(db);
  const { err } = await box.run(['reclassify', '--db', 'rolled', ...shape]);
  expect(err).toMatch(/\ncounters keep the labels .*\nsonde jobs run brings the tables of jobs up to date\n$/);
  expect(await contents('rolled')).not.toEqual(await contents('fresh'));
  const { out } = await box.run(['jobs', 'list', '--jobs', '.', '--db', 'rolled', '--format', 'json']);
  const states = JSON.parse(out).filter(({ job }: { job: string }) => names.includes(job));
  expect(states).toMatchObject([{ state: 'to run' }, { state: 'to run' }]);
  expect((await box.run(['jobs', 'explain', 'asked', '--jobs', '.', '--db', 'rolled'])).out).toContain(
    ': relabelled\n',
  );
  await run('rolled');
  expect(await contents('rolled')).toEqual(await contents('fresh'));
});

test('stopped before its last commit it shows nothing, the doctor says so, and the next one begins anew', async () => {
  cpSync(join(box.folder, 'first'), join(box.folder, 'half'), { recursive: true });
  const before = await flowsOf('half', 'true');
  await box.run(['reclassify', '--db', 'half', ...shape]);
  const after = await flowsOf('half', 'true');
  expect(after).not.toEqual(before);
  // Each table has one commit, that of imports comes last.
  rmSync(join(box.folder, 'half/imports/_delta_log', `${'1'.padStart(20, '0')}.json`));
  expect(await flowsOf('half', 'true')).toEqual(before);
  const { code, out } = await box.sonde(['doctor', '--db', 'half']);
  expect(code).toBe(1);
  expect(out).toMatch(/FAIL {2}labels .*all labels are as before, but other programs see new ones in flows, dns/);
  await box.run(['reclassify', '--db', 'half', ...shape]);
  expect(await flowsOf('half', 'true')).toEqual(after);
  await box.run(['doctor', '--deep', '--db', 'half']);
});

test('killed at any moment it leaves the old labels or the new ones, and the next one goes through', async () => {
  const digest = async () => {
    const [labels] = await ask(
      'stored',
      `SELECT count(*) AS n, count(DISTINCT flow_id) AS ids, sum(hash(flow_id, service, rule))::VARCHAR AS labels,
         (SELECT max(databases) FROM imports) AS databases, (SELECT sum(hash(qname, service))::VARCHAR FROM dns) AS dns
       FROM flows`,
    );
    return labels;
  };
  const old = await digest();
  const started = performance.now();
  await box.run(['reclassify', '--db', 'stored', ...shape]);
  const tookMs = performance.now() - started;
  const states = [await digest(), old];
  const random = new Random(seed);
  for (let i = 0; i < kills; i++) {
    const kill = AbortSignal.timeout(Math.ceil(tookMs * (0.4 + 0.6 * random.unit())));
    await box.sonde(['reclassify', '--db', 'stored', ...(i % 2 === 0 ? [] : shape)], { kill });
    expect(states, `seed ${seed}, kill ${i}`).toContainEqual(await digest());
  }
  await box.run(['reclassify', '--db', 'stored', ...shape]);
  expect(await digest()).toEqual(states[0]);
}, 300_000);
