/** Mobile sessions through the program: tickets by subscriber, their evidence, session files, and streams that begin with RADIUS. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { accountingRequest } from '../src/synth/radius-accounting.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { plantedAt, plantedMobile, subscriber, userFrames } from './planted-mobile.ts';
import { between, end } from './recording-probe.ts';

const SECOND = 1e6;
const iso = (at: number): string => new Date(at / 1000).toISOString();

let box: Sandbox;
beforeEach(() => {
  box = makeSandbox();
});
afterEach(() => box.remove());

const rows = async (sql: string): Promise<Record<string, unknown>[]> => {
  const { code, out, err } = await box.sonde(['query', '--format', 'json', sql]);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
};
const write = (name: string, frames: Parameters<typeof writePcap>[1]): string => {
  const path = join(box.folder, name);
  writePcap(path, frames);
  return path;
};
const feed = (...lines: string[]): string => {
  const path = join(box.folder, 'sessions.csv');
  writeFileSync(path, ['from,until,address,imsi,imei,apn,rat,cell', ...lines].join('\n'));
  return path;
};
const chats = () => rows('SELECT * FROM flows WHERE server_port = 5222');

test('a flow in a tunnel is its subscriber’s, and explain says how that is known', async () => {
  const { code, err } = await box.sonde(['import', '--keep-addresses', write('gn.pcap', plantedMobile())]);
  expect([code, err]).toEqual([0, expect.not.stringContaining('unknown sessions')]);
  const [session] = await rows('SELECT * FROM sessions');
  const [flow] = await chats();
  expect(flow).toMatchObject({
    client: session!.client,
    client_ip: '10.1.0.1',
    fqdn: 'e7.whatsapp.net',
    tunnel: 'gtp',
  });
  expect(await rows('SELECT client FROM dns')).toEqual([{ client: session!.client }]);
  const { out } = await box.sonde(['explain', String(flow!.flow_id)]);
  expect(out).toContain(`client   ${session!.client}, a subscriber known by GTP control messages`);
  expect(out).toMatch(/session +from 2014-02-22T18:00:00.001000Z\n +until 2014-02-22T18:00:10.001000Z \(deleted\)/);
  expect(out).toContain(`device of type 35693803, ${session!.imei}`);
  expect(out).toContain('mobile   internet, UTRAN, cgi 232-01-1234-5678, 232-01');
  expect(out).toContain('tunnel   gtp, TEID up 0x1000, down 0x2000, node 192.0.2.1');
});

test('packets of unknown sessions are told of, and keep their address', async () => {
  const frames = plantedMobile().slice(2, -2);
  const { code, err } = await box.sonde(['import', '--keep-addresses', write('gn.pcap', frames)]);
  expect(code).toBe(0);
  expect(err).toContain('4 packets in tunnels of unknown sessions');
  expect(err).not.toContain('not decoded');
  const [flow] = await chats();
  expect(flow).toMatchObject({ client: '10.1.0.1', subscriber_source: 'address' });
  expect((await box.sonde(['explain', String(flow!.flow_id)])).out).toContain('none was known when the flow began');
  expect(await rows('SELECT malformed, reasons FROM imports')).toEqual([
    { malformed: 0, reasons: 'gtp-session-unknown=4' },
  ]);
});

test('a session file gives subscribers to plain traffic, and its rows are stored once', async () => {
  const sessions = feed(
    `${iso(plantedAt - SECOND)},${iso(plantedAt + 60 * SECOND)},10.1.0.1,${subscriber.imsi},${subscriber.imei},internet,6,ecgi 232-01-1`,
    'tomorrow,,10.1.0.2,232010000000002,,,,',
  );
  const plain = write('gi.pcap', userFrames());
  const { code, err } = await box.sonde(['import', '--keep-addresses', plain, '--sessions', sessions]);
  expect(err).toContain("sessions.csv: 1 session; 1 line not used: line 3: from 'tomorrow' is no time");
  expect(code).toBe(3);
  const [flow] = await chats();
  expect(flow).toMatchObject({ subscriber_source: 'csv', apn: 'internet', rat: 'EUTRAN', cell: 'ecgi 232-01-1' });
  const other = write('gi2.pcap', userFrames().slice(2));
  expect((await box.sonde(['import', '--keep-addresses', other, '--sessions', sessions])).err).toContain(
    'sessions.csv: already imported',
  );
  expect(await rows('SELECT client, kind, tac, end_reason FROM sessions')).toEqual([
    { client: flow!.client, kind: 'csv', tac: '35693803', end_reason: 'stopped' },
  ]);
  expect(await rows("SELECT row_count, malformed, reasons FROM imports WHERE kind = 'sessions'")).toEqual([
    { row_count: 1, malformed: 1, reasons: 'session-line=1' },
  ]);
  expect((await box.sonde(['explain', String(flow!.flow_id)])).out).toContain('known by a session file');
});

test('the same capture under another session file is another import', async () => {
  const plain = write('gi.pcap', userFrames());
  const line = (imsi: string): string => `${iso(plantedAt)},,10.1.0.1,${imsi},,,,`;
  await box.sonde(['import', plain, '--sessions', feed(line('232010000000001'))]);
  await box.sonde(['import', plain, '--sessions', feed(line('232010000000009'))]);
  expect(new Set((await chats()).map(({ client }) => client)).size).toBe(2);
});

test('a session file that cannot be used is an error, before anything is imported', async () => {
  const path = join(box.folder, 'bad.csv');
  writeFileSync(path, 'address,imsi\n10.1.0.1,232010000000001\n');
  const { code, err } = await box.sonde(['import', write('gi.pcap', userFrames()), '--sessions', path]);
  expect([code, err]).toEqual([1, expect.stringContaining('SONDE_SESSIONS_INVALID')]);
  expect(err).toContain('from, address');
});

test('a capture of RADIUS alone, earlier in a stream, tells whose the traffic after it is', async () => {
  const start = accountingRequest('start', 1, {
    sessionId: 'A',
    nas: '192.0.2.30',
    imsi: subscriber.imsi,
    ipv4: subscriber.ipv4!,
  });
  const radius = between(end('192.0.2.30', 5000), end('192.0.2.31', 1813)).udp(plantedAt - 60 * SECOND, 'up', start);
  for (const path of [write('radius.pcap', [radius]), write('gi.pcap', userFrames())]) {
    expect((await box.sonde(['import', '--keep-addresses', '--continue', path])).code).toBe(0);
  }
  expect((await box.sonde(['import', '--keep-addresses', '--finish'])).code).toBe(0);
  expect(await chats()).toMatchObject([{ subscriber_source: 'radius', client_ip: '10.1.0.1' }]);
  expect(await rows('SELECT kind, end_reason FROM sessions')).toEqual([{ kind: 'radius', end_reason: 'eof' }]);
});

test('a table of handsets tells the device and the system of a subscriber; under another one it is another import', async () => {
  const capture = write('gn.pcap', plantedMobile());
  const handsets = (...lines: string[]): string => {
    const path = join(box.folder, 'handsets.csv');
    writeFileSync(path, ['tac,brand,model,os', ...lines].join('\n'));
    return path;
  };
  const importWith = (path: string) => box.sonde(['import', '--keep-addresses', '--tac', path, capture]);
  expect((await importWith(handsets('35693803,Apple,iPhone 5,'))).code).toBe(0);
  const [flow] = await chats();
  expect(flow).toMatchObject({ os: 'iOS', os_source: 'tac', device: 'Apple iPhone 5' });
  expect((await box.sonde(['explain', String(flow!.flow_id)])).out).toContain('system   iOS, Apple iPhone 5, by tac');
  expect((await importWith(handsets('35693803,Apple,iPhone 5s,'))).err).not.toContain('already imported');
  const bad = await importWith(handsets('356938,Apple,iPhone 5,'));
  expect([bad.code, bad.err]).toEqual([1, expect.stringContaining('SONDE_DATABASE_INVALID')]);
  expect(bad.err).toContain("'356938' is no TAC");
});
