/** What a person does with a store, by the commands that he types: its status and history, its earlier states, its tables as files. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../src/store/index.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { counters, flows } from '../src/tickets/index.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { flowRows, importRow } from './store-fixture.ts';
import { parquetRows } from './stored-bytes.ts';

let box: Sandbox;

/** A capture of its own for each name. */
const plant = (name: string, seed: number): string => {
  const path = join(box.folder, name);
  writePcap(path, plantedWhatsApp({ seed, clients: 3, hours: 1 }).frames);
  return path;
};

const widestOf = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

beforeAll(async () => {
  box = makeSandbox();
  await box.run(['import', plant('first.pcap', 1)]);
  await box.run(['import', plant('second.pcap', 2)]);
});
afterAll(() => box.remove());

describe('query', () => {
  test('placeholders take values that are given beside the text', async () => {
    const sql = 'SELECT {word:String} AS word, {n:Int64} + 1 AS n, count(*) > 0 AS has FROM flows';
    const { out } = await box.run(['query', sql, '-p', "word=it's = so", '--param', 'n=41', '--format', 'json']);
    expect(JSON.parse(out)).toEqual([{ word: "it's = so", n: 42, has: true }]);
    const { out: file } = await box.run(['query', sql, '-p', 'word=w', '-p', 'n=1', '--format', 'parquet'], {
      outTo: join(box.folder, 'words.parquet'),
    });
    expect(file).toBe('');
    expect(await parquetRows([join(box.folder, 'words.parquet')])).toEqual([{ word: 'w', n: '2', has: true }]);
  });

  test.each([
    [[], /parameter n: the placeholder \{n:Int64\} has no value \(SONDE_USAGE\)/],
    [['-p', 'n=x'], /parameter n, given x: not a value of type Int64/],
    [['-p', 'n=1', '-p', 'm=1'], /parameter m: the query has no such placeholder/],
    [['-p', 'n'], /It takes NAME=VALUE/],
    [['-p', 'n=1', '-p', 'n=2'], /n has a value already/],
  ])('with %j it says what is missing', async (args, message) => {
    const { code, err } = await box.sonde(['query', 'SELECT {n:Int64} AS n', ...args]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  const endless =
    'SELECT max(x) AS x FROM (SELECT a.range AS x, row_number() OVER (ORDER BY hash(b.range)) FROM range(20000) AS a, range(20000) AS b)';
  const spilled = (): readonly string[] => readdirSync(box.folder).filter((name) => name.startsWith('sonde-engine-'));

  test('told to stop, it leaves nothing of what it put aside', async () => {
    const { child, outcome } = box.start(['query', '--memory', '100', endless]);
    await expect.poll(spilled, { timeout: 30_000 }).not.toEqual([]);
    child.kill('SIGINT');
    const { code, err } = await outcome;
    expect(err).toMatch(/told to stop before the end was written/);
    expect([code, spilled()]).toEqual([1, []]);
  });

  test('it ends when its time is over', async () => {
    const { code, err } = await box.sonde(['query', '--timeout', '1', endless]);
    expect(err).toMatch(/the query took longer than 1000 ms \(SONDE_QUERY_LIMIT\)/);
    expect([code, spilled()]).toEqual([1, []]);
  });
});

describe('snapshots', () => {
  const count = async (...args: readonly string[]): Promise<number> => {
    const { out } = await box.run(['query', 'SELECT count(*) AS n FROM flows', '--format', 'json', ...args]);
    return JSON.parse(out)[0].n;
  };

  test('the history names them, by the captures that made them', async () => {
    const { out } = await box.run(['db', 'history', '--format', 'json']);
    const history = JSON.parse(out);
    expect(
      history.map(({ snapshot, operation, name }: Record<string, unknown>) => [snapshot, operation, name]),
    ).toEqual([
      [0, 'import', 'first.pcap'],
      [1, 'import', 'second.pcap'],
    ]);
    const table = await box.run(['db', 'history']);
    expect(table.out).toMatch(/^ +1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}import second\.pcap +\+[\d,]+ +\+[\d.]+ kB$/m);
    expect(widestOf(table.out)).toBeLessThanOrEqual(80);
  });

  test('a query sees the store as it was at one of them', async () => {
    const [first, both] = [await count('--snapshot', '0'), await count()];
    expect(first).toBeGreaterThan(0);
    expect(both).toBeGreaterThan(first);
    expect(await count('--snapshot', '1')).toBe(both);
  });

  test.each([
    ['2', 1, /snapshot 2: the last snapshot that can be read is 1 \(SONDE_NOT_FOUND\)\n.*sonde db history/],
    ['-1', 2, /a whole number/],
    ['yesterday', 2, /a whole number/],
  ])('--snapshot %s exits with %i', async (snapshot, code, message) => {
    const outcome = await box.sonde(['query', 'SELECT 1', '--snapshot', snapshot]);
    expect([outcome.code, outcome.out]).toEqual([code, '']);
    expect(outcome.err).toMatch(message);
  });
});

describe('status', () => {
  test('shows all tables on one screen', async () => {
    const { out } = await box.run(['db', 'status']);
    expect(out).toMatch(/^ {2}snapshot {2}1 is the newest/m);
    expect(out).toMatch(/^ {2}problems {2}none seen/m);
    expect(out).toMatch(/^flows +[\d,]+ +2 +2 +[\d.]+ kB +[\d.]+ {2}2014-02-18 {2}2014-02-18$/m);
    expect(widestOf(out)).toBeLessThanOrEqual(80);
    expect(out.split('\n').length).toBeLessThan(24);
  });

  test('counts rows and bytes as they are', async () => {
    const rows: readonly Record<string, unknown>[] = JSON.parse(
      (await box.run(['db', 'status', '--format', 'json'])).out,
    );
    for (const { table, rows: n, bytes, segments } of rows) {
      const folder = join(box.folder, 'sonde-store', String(table));
      const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.parquet')) : [];
      expect([table, segments, bytes]).toEqual([
        table,
        files.length,
        files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0),
      ]);
      expect(await box.ask('sonde-store', `SELECT count(*) AS n FROM ${table}`)).toEqual([{ n }]);
    }
    const range = 'SELECT min(started_at) AS first_at, max(started_at) AS last_at FROM flows';
    const [{ first_at, last_at }] = (await box.ask('sonde-store', range)) as [Record<string, unknown>];
    expect(rows.find(({ table }) => table === 'flows')).toMatchObject({ first_at, last_at, problems: [] });
  });

  test('names what is missing and what is left over', async () => {
    const folder = join(box.folder, 'harmed');
    cpSync(join(box.folder, 'sonde-store'), folder, { recursive: true });
    const [file] = readdirSync(join(folder, 'dns')).filter((name) => name.endsWith('.parquet'));
    renameSync(join(folder, 'dns', file!), join(folder, 'dns', 'stray.parquet'));
    const { code, out } = await box.sonde(['db', 'status', '--db', 'harmed']);
    expect(code).toBe(3);
    expect(out).toMatch(/^ {2}unnamed {3}1 file \([\d.]+ kB\) that no commit names$/m);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(`problems dns/${file}: the file is missing`);
  });

  test('an empty store has a status too', async () => {
    const { out } = await box.run(['db', 'status', '--db', 'nowhere']);
    expect(out).toContain('nothing there yet');
    expect(out).toMatch(/^ {2}snapshot {2}none yet$/m);
  });
});

describe('doctor --deep', () => {
  test('reads everything, and finds nothing wrong', async () => {
    const { out } = await box.run(['doctor', '--deep']);
    expect(out).toMatch(/^ok {4}logs {6}12 commits of 6 tables$/m);
    expect(out).toMatch(/^ok {4}segments {2}12 segments, every value$/m);
    expect(out).toMatch(/^ok {4}doubles/m);
    expect(out).toMatch(/^ok {4}sources/m);
  });

  test('names all that is wrong, a line each', async () => {
    const folder = join(box.folder, 'damaged');
    cpSync(join(box.folder, 'sonde-store'), folder, { recursive: true });
    const [first, second] = readdirSync(join(folder, 'dns')).filter((name) => name.endsWith('.parquet'));
    for (const file of [first!, second!]) {
      const bytes = readFileSync(join(folder, 'dns', file));
      bytes[100]! ^= 1;
      writeFileSync(join(folder, 'dns', file), bytes);
    }
    const { code, out } = await box.sonde(['doctor', '--deep', '--db', 'damaged']);
    expect(code).toBe(1);
    for (const file of [first, second])
      expect(out).toContain(`FAIL  segments  dns/${file}: its bytes are not those that were written\n`);
    expect(out).toMatch(/^ok {4}logs/m);
  });
});

describe('export', () => {
  type Rows = readonly Record<string, unknown>[];
  const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n');
  const pathOf = (name: string): string => join(box.folder, name);
  const byText = (rows: Rows): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();
  const asked = async (table: string): Promise<Rows> => box.ask('sonde-store', `SELECT * FROM ${table}`);

  test.each([flows, counters])('$name as json, ndjson and csv holds what a query gives', async ({ name, columns }) => {
    const [json, ndjson, csv] = await Promise.all(
      ['json', 'ndjson', 'csv'].map(async (format) => (await box.run(['export', name, '--format', format])).out),
    );
    const rows = await asked(name);
    expect(byText(JSON.parse(json!))).toEqual(byText(rows));
    expect(ndjson!.split('\n').filter(Boolean).sort()).toEqual(byText(rows));
    expect(linesOf(csv!)[0]).toBe(Object.keys(columns).join(','));
    expect(linesOf(csv!)).toHaveLength(rows.length + 1);
  });

  test('Parquet holds it too, in a file and through a pipe', async () => {
    await box.run(['export', 'flows', '-o', 'flows.parquet']);
    await box.run(['export', 'flows', '--format', 'parquet'], { outTo: pathOf('piped.parquet') });
    const sum = 'SELECT count(*)::INT AS n, sum(up_bytes)::BIGINT AS bytes, count(DISTINCT flow_id) AS ids FROM flows';
    const [{ n, bytes, ids }] = (await box.ask('sonde-store', sum)) as [Record<string, number>];
    for (const name of ['flows.parquet', 'piped.parquet']) {
      const rows = await parquetRows([pathOf(name)]);
      expect(Object.keys(rows[0]!)).toEqual(Object.keys(flows.columns));
      expect(rows).toHaveLength(n!);
      expect(new Set(rows.map(({ flow_id }) => flow_id)).size).toBe(ids);
      expect(rows.reduce((total, row) => total + Number(row.up_bytes), 0)).toBe(bytes);
    }
  });

  test('a range takes what happened in it: two halves are the whole', async () => {
    const exported = async (...args: readonly string[]): Promise<readonly string[]> =>
      (await box.run(['export', 'flows', '--format', 'ndjson', ...args])).out.split('\n').filter(Boolean);
    const all = await exported();
    const [{ middle: at }] = (await box.ask('sonde-store', 'SELECT median(started_at) AS middle FROM flows')) as [
      { middle: string },
    ];
    const [before, after] = [await exported('--until', at), await exported('--from', at)];
    expect([...before, ...after].sort()).toEqual([...all].sort());
    expect(Math.min(before.length, after.length)).toBeGreaterThan(0);
    const started = (line: string): string => JSON.parse(line).started_at;
    expect(before.every((line) => started(line) < at) && after.every((line) => started(line) >= at)).toBe(true);
  });

  test('an earlier snapshot is exported as it was', async () => {
    const { out } = await box.run(['export', 'imports', '--snapshot', '0', '--format', 'json']);
    expect(JSON.parse(out)).toMatchObject([{ name: 'first.pcap' }]);
  });

  test('the ending of the file says the format, and a file that is there is replaced', async () => {
    mkdirSync(pathOf('out'));
    writeFileSync(pathOf('out/imports.json'), 'old');
    const { out, err } = await box.run(['export', 'imports', '-o', 'out/imports.json']);
    expect([out, err]).toEqual(['', '']);
    expect(JSON.parse(readFileSync(pathOf('out/imports.json'), 'utf8'))).toHaveLength(2);
    await box.run(['export', 'imports', '-o', 'out/imports.json', '--format', 'csv']);
    expect(readFileSync(pathOf('out/imports.json'), 'utf8')).toMatch(/^source,vantage,/);
    expect(readdirSync(pathOf('out'))).toEqual(['imports.json']);
  });

  test.each(['csv', 'parquet'])('what cannot be written whole as %s leaves nothing', async (format) => {
    mkdirSync(pathOf(`broken-${format}/flows.${format}`), { recursive: true });
    const outcome = await box.sonde(['export', 'flows', '-o', `broken-${format}/flows.${format}`]);
    expect([outcome.code, outcome.out]).toEqual([1, '']);
    expect(outcome.err).toContain('SONDE_OUTPUT_UNWRITABLE');
    expect(readdirSync(pathOf(`broken-${format}`))).toEqual([`flows.${format}`]);
  });

  test.each(['csv', 'ndjson', 'parquet'])('a reader that goes away ends it quietly, as %s', (format) => {
    const program = fileURLToPath(new URL('../bin/sonde.js', import.meta.url));
    const before = readdirSync(box.folder);
    const line = `"${process.execPath}" "${program}" export flows --format ${format} 2>&1 >&3 3>&- | cat`;
    const said = execFileSync('bash', ['-c', `{ ${line}; } 3> >(head -c 100 > /dev/null)`], {
      cwd: box.folder,
      env: box.env,
      encoding: 'utf8',
    });
    expect(said).toBe('');
    expect(readdirSync(box.folder)).toEqual(before);
  });

  test('told to stop, it leaves no part of a file', async () => {
    const store = await openStore(pathOf('large'));
    await store.bindKey('0123456789abcdef');
    const run = store.beginImport('a');
    for (let i = 0; i < 8; i++) await run.write(flowRows('a', 8000));
    await run.write(importRow('a'));
    await run.commit();
    mkdirSync(pathOf('stopped'));
    const { child, outcome } = box.start(['export', 'flows', '--db', 'large', '-o', 'stopped/flows.csv']);
    while (readdirSync(pathOf('stopped')).length === 0) await sleep(5);
    child.kill('SIGTERM');
    const { code, err } = await outcome;
    expect([code, readdirSync(pathOf('stopped'))]).toEqual([1, []]);
    expect(err).toMatch(/told to stop before the end was written \(SONDE_OUTPUT_UNWRITABLE\)/);
  });

  test('a table that is none is a slip', async () => {
    const { code, err } = await box.sonde(['export', 'flow']);
    expect(code).toBe(2);
    expect(err).toContain('name one of flows, dns, http, bursts, counters, sessions, kpi, imports');
  });

  test.each([
    ['csv', `${Object.keys(flows.columns).join(',')}\n`],
    ['ndjson', ''],
    ['json', '[]\n'],
  ])('of an empty store there is nothing, as %s', async (format, expected) => {
    expect((await box.run(['export', 'flows', '--db', 'nowhere', '--format', format])).out).toBe(expected);
  });
});

describe('tables of jobs', () => {
  const db = ['--db', 'rolled'];
  beforeAll(async () => {
    cpSync(join(box.folder, 'sonde-store'), join(box.folder, 'rolled'), { recursive: true });
    await box.run(['jobs', 'run', 'user_ranking', '--until', '2014-02-19', ...db]);
  });

  test('have their place in the status and in the history', async () => {
    const { out } = await box.run(['db', 'status', ...db]);
    expect(out).toMatch(/^ {2}snapshot {2}1 is the newest/m);
    expect(out).toMatch(/^runs +[\d,]+ +2 /m);
    expect(out).toMatch(/^user_ranking +[\d,]+ +2 /m);
    const history = (await box.run(['db', 'history', ...db])).out;
    expect(history).toMatch(/^ +1 {2}\S+ \S+ {2}job user_ranking +\+[\d,]+/m);
    expect(widestOf(out + history)).toBeLessThanOrEqual(80);
  });

  test('are exported, and earlier snapshots have those that were made of them', async () => {
    const { out } = await box.run(['export', 'user_ranking', '--format', 'ndjson', ...db]);
    const [row] = await box.ask('rolled', 'SELECT count(*) AS n FROM user_ranking');
    expect(out.trimEnd().split('\n')).toHaveLength(Number(row!.n));
    const late = await box.run(['export', 'runs', '--snapshot', '1', '--format', 'ndjson', ...db]);
    expect(late.out).toBe((await box.run(['export', 'runs', '--format', 'ndjson', ...db])).out);
    const early = await box.sonde(['export', 'user_ranking', '--snapshot', '0', ...db]);
    expect([early.code, early.err]).toEqual([2, expect.stringContaining('there is no such table')]);
  });

  test('go with a copy into another folder', async () => {
    const { err } = await box.run(['db', 'copy', '--to', 'copied', ...db]);
    expect(err).toBe('2 imports copied, 0 were there, 0 still run\ncopied the tables of jobs user_ranking\n');
    const sql = 'SELECT * FROM user_ranking ORDER BY ALL';
    expect(await box.ask('copied', sql)).toEqual(await box.ask('rolled', sql));
  });

  test('are looked at by the doctor', async () => {
    const { out } = await box.run(['doctor', '--deep', ...db]);
    expect(out).toMatch(/^ok {4}logs {6}16 commits of 8 tables$/m);
    expect(out).toMatch(/^ok {4}segments {2}16 segments, every value$/m);
  });
});
