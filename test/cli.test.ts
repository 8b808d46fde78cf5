/** The program from a person's side: what is printed where, exit codes, bad input, the same import twice. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { hasSharedData, sharedData } from './needs.ts';

/** A TCP packet inside of a tunnel in UDP, whose headers are given. */
const hexFrame = (headers: string): string =>
  `020000000002 020000000001 0800 4500 004f 0000 4000 4011 0000 0a000001 0a000002 ${headers} 4500 002b 0000 4000 3f06 0000 c0000201 c6336407 9c40 01bb 80000001 00000002 5018 7210 0000 0000 616263`.replaceAll(
    ' ',
    '',
  );

const captures = ['whatsapp', 'whatsapp_login_call', 'whatsapp_voice_and_message', 'whatsappfiles', 'wa_voice'].map(
  (name) => sharedData(`captures/ndpi/${name}.pcap`),
);

describe.skipIf(!hasSharedData)('real captures of WhatsApp', () => {
  let box: Sandbox;
  const json = async (sql: string): Promise<Record<string, unknown>[]> => {
    const { code, out, err } = await box.sonde(['query', '--format', 'json', sql]);
    expect([code, err]).toEqual([0, '']);
    return JSON.parse(out);
  };
  const idOf = async (server: string): Promise<string> =>
    (await json(`SELECT flow_id FROM flows WHERE server_ip = '${server}' AND server_port = 5222`))[0]!
      .flow_id as string;

  beforeAll(async () => {
    box = makeSandbox();
    const { code, out, err } = await box.sonde(['import', ...captures, '--keep-addresses']);
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('whatsapp_login_call.pcap: 1,253 packets');
    expect(err).toMatch(/look at it: sonde show coverage --from 2015-05-25T/);
  });
  afterAll(() => box.remove());

  test('the chat of 2015 is named by DNS and explained', async () => {
    const { code, out } = await box.sonde(['explain', await idOf('184.173.179.37')]);
    expect(code).toBe(0);
    expect(out).toContain('-> 184.173.179.37:5222');
    expect(out).toContain('name     e13.whatsapp.net, by dns');
    expect(out).toContain('TTL 2925 s: valid');
    expect(out).toContain('service  whatsapp, class chat, by name');
    expect(out).toMatch(/rule +whatsapp\.yaml:\d+/);
  });

  test('the chat of 2019 is named through its alias chain', async () => {
    const { out } = await box.sonde(['explain', await idOf('157.240.20.53')]);
    expect(out).toContain('chain g.whatsapp.net -> chat.cdn.whatsapp.net');
    expect(out).toContain('name     g.whatsapp.net, by dns');
  });

  test('the same bytes twice add nothing', async () => {
    const counts =
      'SELECT (SELECT count(*) FROM flows) AS f, (SELECT count(*) FROM dns) AS d, (SELECT count(*) FROM imports) AS i';
    const before = await json(counts);
    const { code, err } = await box.sonde(['import', ...captures, '--keep-addresses']);
    expect(code).toBe(0);
    expect(err.match(/already imported/g)).toHaveLength(captures.length);
    expect(await json(counts)).toEqual(before);
    expect(before).toMatchObject([{ i: captures.length }]);
  });

  test('standard input is the same import as the file', async () => {
    const { code, err } = await box.sonde(['import', '-', '--keep-addresses'], { input: readFileSync(captures[0]!) });
    expect([code, err]).toEqual([0, '-: already imported\n']);
  });

  test.each(['coverage', 'hosting', 'traffic'])('show %s fits 80 columns and says n', async (analysis) => {
    const { code, out } = await box.sonde(['show', analysis, 'whatsapp']);
    expect(code).toBe(0);
    expect(out).toMatch(/n = [\d,]+ /);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('formats of query', async () => {
    const sql = "SELECT started_at, dns_ttl_s, dns_candidates FROM flows WHERE server_ip = '184.173.179.37'";
    const format = async (name: string): Promise<string> => (await box.sonde(['query', '--format', name, sql])).out;
    expect(await format('csv')).toBe(
      'started_at,dns_ttl_s,dns_candidates\n2015-05-25T19:30:27.643274Z,2925,e13.whatsapp.net\n',
    );
    expect(await format('ndjson')).toBe(
      '{"started_at":"2015-05-25T19:30:27.643274Z","dns_ttl_s":2925,"dns_candidates":["e13.whatsapp.net"]}\n',
    );
    expect(await format('table')).toContain('2015-05-25T19:30:27.643274Z       2925  e13.whatsapp.net');
  });

  test('imports and doctor', async () => {
    const list = await box.sonde(['imports', '--format', 'ndjson']);
    expect(list.out.trimEnd().split('\n')).toHaveLength(captures.length);
    const doctor = await box.sonde(['doctor']);
    expect([doctor.code, doctor.err]).toEqual([0, '']);
    expect(doctor.out).not.toContain('FAIL');
  });

  test('the report stands in its folder', async () => {
    const { code, out } = await box.sonde(['report', 'whatsapp', '-o', 'study', '-q']);
    expect([code, out]).toEqual([0, 'study/index.html\n']);
    expect(readFileSync(join(box.folder, 'study/index.html'), 'utf8')).toContain('whatsapp');
  });
});

describe('what goes wrong', () => {
  const box = makeSandbox();
  afterAll(() => box.remove());

  test.each([
    [['frobnicate'], 2, /unknown command/],
    [['import'], 2, /nothing to import/],
    [['import', 'x.pcap', '--gtp-ports', '2152,0'], 2, /UDP ports, separated by commas/],
    [['import', 'nowhere.pcap'], 1, /no such file.*SONDE_INPUT_NOT_FOUND/s],
    [['query', 'SELECT nonsense FROM flows'], 1, /SONDE_QUERY_FAILED/],
    [['query', "COPY flows TO 'x'"], 1, /SONDE_QUERY_REFUSED/],
    [['explain', '0000000000000000'], 1, /no such flow.*SONDE_NOT_FOUND/s],
    [['show', 'coverage', '--from', 'gibberish'], 2, /not a point in time/],
    [['show', 'coverage', '--tz', 'Mars/Olympus'], 2, /not a time zone/],
    [['services', 'test', 'evilwhatsapp.net'], 1, /no rule owns/],
    [['report', 'whatsapp'], 2, /required option/],
  ])('sonde %j exits with %i', async (args, code, message) => {
    const outcome = await box.sonde(args);
    expect(outcome.code, outcome.err).toBe(code);
    expect(outcome.err).toMatch(message);
    expect(outcome.err).not.toMatch(/at .*\.js:\d+/);
  });

  test('an empty store says what to do', async () => {
    const { code, out } = await box.sonde(['show', 'coverage']);
    expect(code).toBe(0);
    expect(out).toMatch(/sonde import/);
  });

  test('a named file of unknown format fails and the others go on; in a folder it is skipped', async () => {
    const folder = join(box.folder, 'mixed');
    mkdirSync(folder);
    writeFileSync(join(folder, 'notes.txt'), 'no capture at all, only words');
    // A capture of no packets, little-endian, Ethernet.
    const empty = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
    writeFileSync(join(folder, 'empty.pcap'), empty);
    const found = await box.sonde(['import', folder]);
    expect([found.code, found.err]).toEqual([0, expect.stringContaining('skipped 1 file of unknown format')]);
    const named = await box.sonde([
      'import',
      join(folder, 'notes.txt'),
      join(folder, 'empty.pcap'),
      '--vantage',
      'two',
    ]);
    expect(named.code).toBe(3);
    expect(named.err).toContain('SONDE_FORMAT_UNKNOWN');
    expect(named.err).toContain('empty.pcap: 0 packets');
  });

  test('a capture that breaks off is imported as far as it goes, and says so', async () => {
    // One whole record of 4 bytes, then a header that promises more than there is.
    const bytes = Buffer.from(
      `d4c3b2a1020004000000000000000000ffff000001000000${'01000000020000000400000004000000deadbeef'}${'0100000003000000ff000000ff000000'}00`,
      'hex',
    );
    writeFileSync(join(box.folder, 'cut.pcap'), bytes);
    const { code, err } = await box.sonde(['import', 'cut.pcap']);
    expect(code).toBe(3);
    expect(err).toMatch(/cut\.pcap: 1 packet, .*breaks off at byte 44/);
  });

  test('GTP is read at the ports that are told', async () => {
    const gtp = Buffer.from(hexFrame('0869 0869 003b 0000 30ff 002b 00000001'), 'hex');
    writePcap(join(box.folder, 'gtp.pcap'), [{ at: 1e6, bytes: gtp, length: gtp.length }]);
    for (const [ports, tunnel] of [
      ['2152,2153', 'gtp'],
      ['2152', ''],
    ]) {
      await box.sonde(['import', 'gtp.pcap', '--vantage', `ports ${ports}`, '--gtp-ports', ports!]);
      const sql = `SELECT tunnel FROM flows WHERE vantage = 'ports ${ports}'`;
      expect((await box.sonde(['query', '--format', 'ndjson', sql])).out).toBe(`{"tunnel":"${tunnel}"}\n`);
    }
  });

  test('sonde services', async () => {
    const list = await box.sonde(['services', 'list', '--format', 'csv']);
    expect(list.out).toMatch(/^whatsapp,/m);
    const hit = await box.sonde(['services', 'test', 'e13.whatsapp.net', '--format', 'ndjson']);
    expect(JSON.parse(hit.out.split('\n')[0]!)).toMatchObject({
      verdict: 'decides',
      service: 'whatsapp',
      class: 'chat',
    });
  });

  test('sonde services check', async () => {
    const own = await box.sonde(['services', 'check', '--format', 'csv']);
    expect(own).toMatchObject({ code: 0, out: 'verdict,finding,service,class,rule,claim,by,shows\n' });
    expect(own.err).toMatch(/^\d+ files, \d+ rules: 0 faults, 0 notes\n$/);

    const rules = ['service: mine', 'title: Mine', 'sources: {s: S}', 'rules:'];
    rules.push('  - {class: chat, source: s, exact: g.whatsapp.net, examples: g.whatsapp.net}');
    rules.push('  - {class: web, source: s, suffix: mine.example, priority: 1, valid_until: 2014-01-01}');
    writeFileSync(join(box.folder, 'mine.yaml'), rules.join('\n'));
    const ours = await box.sonde(['services', 'check', 'mine.yaml', '--format', 'ndjson']);
    expect(ours.code).toBe(1);
    const findings = ours.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    // Which of the two wins is a matter of the names of their files.
    expect(findings.filter(({ verdict }) => verdict === 'fault')).toMatchObject(
      [
        { finding: 'lost', service: 'whatsapp', claim: 'g.whatsapp.net', by: 'mine.yaml:5' },
        {
          finding: 'conflict',
          service: 'whatsapp',
          claim: 'g.whatsapp.net',
          by: 'mine.yaml:5',
          shows: 'g.whatsapp.net',
        },
      ].reverse(),
    );
    expect(findings.filter(({ verdict }) => verdict === 'note')).toMatchObject([
      { finding: 'untested', rule: 'mine.yaml:6' },
      { finding: 'expired', rule: 'mine.yaml:6', shows: '2014-01-01' },
    ]);
    const table = await box.sonde(['services', 'check', 'mine.yaml']);
    for (const line of table.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.skipIf(!hasSharedData)('sonde services check tells by a store which rules rest', async () => {
    const resting = ['services', 'check', '--format', 'ndjson', '-q', '--db'];
    await box.sonde([
      'import',
      '--db',
      'two',
      sharedData('captures/ndpi/whatsapp_login_call.pcap'),
      sharedData('captures/ndpi/iphone.pcap'),
    ]);
    const { out } = await box.sonde([...resting, 'two', '--days', '365']);
    const unused = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(unused).toContainEqual(
      expect.objectContaining({ finding: 'unused', service: 'whatsapp', class: 'chat', shows: '2015-05-25' }),
    );
    expect(unused.map(({ service }) => service)).not.toContain('icloud');
  });
});
