/** A folder of rotated captures, watched: each file once, as one stream, whenever the watch is stopped, killed and begun again. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { type Contents, contentsOf } from './store-contents.ts';

const PIECES = 6;

let box: Sandbox;
let pieces: readonly string[];
let reference: Contents;

const store = (name: string): string => join(box.folder, name);

const run = async (...args: string[]): Promise<string> => (await box.run(args)).err;

beforeAll(async () => {
  box = makeSandbox();
  const frames = [...plantedWhatsApp({ seed: 8, clients: 6, hours: 1 }).frames];
  pieces = Array.from({ length: PIECES }, (_, i) => {
    const path = join(box.folder, `piece-${i}.pcap`);
    writePcap(path, frames.slice((i * frames.length) / PIECES, ((i + 1) * frames.length) / PIECES));
    return path;
  });
  await run('import', '--continue', '--finish', ...pieces, '--db', 'one');
  reference = await contentsOf(store('one'));
});
afterAll(() => box.remove());

const startWatch = (folder: string, name: string, ...more: readonly string[]) => {
  const { child, outcome } = box.start(['import', '--watch', folder, '--settle', '1', '--db', name, ...more]);
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  /** Waits until it has said something at least so often; how often it has. */
  const says = async (what: RegExp, count: number): Promise<number> => {
    const times = (): number => said.match(what)?.length ?? 0;
    for (let i = 0; i < 600 && times() < count; i++) await sleep(100);
    expect(times(), said).toBeGreaterThanOrEqual(count);
    return times();
  };
  return { child, outcome, says, imported: (count: number) => says(/flows? open/g, count) };
};

const copyInto = (folder: string, from: number, to: number): void => {
  for (let i = from; i < to; i++) copyFileSync(pieces[i]!, join(folder, `piece-${i}.pcap`));
};

test('files are imported as they come, one that is being written when it is whole; a signal ends it well', async () => {
  const folder = join(box.folder, 'ring');
  mkdirSync(folder);
  writeFileSync(join(folder, 'readme.txt'), 'no capture');
  copyInto(folder, 0, 2);
  const { child, outcome, imported } = startWatch(folder, 'watched');
  await imported(2);
  // Written in two parts, the first of which ends inside a packet.
  const bytes = readFileSync(pieces[2]!);
  const growing = join(folder, 'piece-2.pcap');
  writeFileSync(growing, bytes.subarray(0, bytes.length / 2));
  await sleep(2500);
  expect(await imported(2)).toBe(2);
  writeFileSync(growing, bytes);
  await imported(3);
  copyInto(folder, 3, PIECES);
  await imported(PIECES);
  child.kill('SIGTERM');
  const { code, err } = await outcome;
  expect([code, err]).toEqual([0, expect.not.stringContaining('vanished')]);
  await run('import', '--finish', '--db', 'watched');
  expect(await contentsOf(store('watched'))).toEqual(reference);
});

test('a watch that is killed goes on where it was, reads nothing twice, and tells of files that vanished', async () => {
  const folder = join(box.folder, 'killed-ring');
  mkdirSync(folder);
  copyInto(folder, 0, 2);
  const first = startWatch(folder, 'killed');
  await first.imported(1);
  first.child.kill('SIGKILL');
  await first.outcome;
  copyInto(folder, 2, PIECES);
  const second = startWatch(folder, 'killed');
  for (let i = 0; i < 600 && (await imports('killed')) < PIECES; i++) await sleep(500);
  second.child.kill('SIGINT');
  expect((await second.outcome).code).toBe(0);
  await run('import', '--finish', '--db', 'killed');
  expect(await contentsOf(store('killed'))).toEqual(reference);

  // What it noted spares it reading: nothing is said of files that are there as they were.
  const { mode } = statSync(join(streamFolder('killed'), 'watched.json'));
  expect(mode & 0o777).toBe(0o600);
  const third = startWatch(folder, 'killed');
  // The ring begins anew: the same name, and content that is known too.
  copyFileSync(pieces[1]!, join(folder, 'new'));
  renameSync(join(folder, 'new'), join(folder, 'piece-0.pcap'));
  expect(await third.says(/already imported/g, 1)).toBe(1);
  const half = join(folder, 'half.pcap');
  writeFileSync(half, readFileSync(pieces[PIECES - 1]!).subarray(0, 1000));
  await sleep(2500);
  rmSync(half);
  expect(await third.says(/half\.pcap vanished before it was imported/g, 1)).toBe(1);
  third.child.kill('SIGTERM');
  const { code, err } = await third.outcome;
  expect([code, err.split('\n')[0]]).toEqual([3, 'piece-0.pcap: already imported']);
  expect(await contentsOf(store('killed'))).toEqual(reference);
});

test('rules that are edited meanwhile label the files that come', async () => {
  const folder = join(box.folder, 'edited-ring');
  mkdirSync(folder);
  const path = join(box.folder, 'mine.yaml');
  const write = (name: string): void =>
    writeFileSync(
      path,
      `service: whatsapp\ntitle: T\nsources: {s: S}\nrules: [{class: ${name}, source: s, suffix: whatsapp.net, priority: 1}]`,
    );
  write('before');
  copyInto(folder, 0, 2);
  const { child, outcome, imported } = startWatch(folder, 'edited', '--rules', path);
  await imported(2);
  write('after');
  copyInto(folder, 2, 4);
  await imported(4);
  child.kill('SIGTERM');
  expect((await outcome).code).toBe(0);
  const labels = await box.ask(
    'edited',
    `SELECT class, count(DISTINCT rules_version) AS versions FROM flows
     WHERE service = 'whatsapp' AND service_source = 'name' GROUP BY class ORDER BY class`,
  );
  expect(labels).toEqual([
    { class: 'after', versions: 1 },
    { class: 'before', versions: 1 },
  ]);
});

/** How many imports the store shows. */
const imports = async (name: string): Promise<number> => {
  if (!existsSync(join(store(name), 'imports'))) return 0;
  const { out } = await box.sonde(['imports', '--db', name, '--format', 'json']);
  return (JSON.parse(out) as unknown[]).length;
};

/** Where the checkpoints of a store are: the folder that has notes of its files. */
const streamFolder = (name: string): string => {
  const streams = join(box.folder, 'config', 'sonde', 'streams');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const place = createHash('sha256')
    .update(JSON.stringify([store(name), 'local']))
    .digest('hex')
    .slice(0, 16);
  return join(streams, place);
};

test('other options do not import a file of the stream again', async () => {
  await run('import', '--continue', pieces[0]!, '--db', 'options');
  expect(await run('import', '--continue', pieces[0]!, '--db', 'options', '--udp-idle', '60')).toContain(
    'already imported',
  );
});

test('a folder that is not there, and options that contradict each other, are told', async () => {
  const gone = await box.sonde(['import', '--watch', join(box.folder, 'gone'), '--db', 'none']);
  expect([gone.code, gone.err]).toEqual([1, expect.stringContaining('SONDE_INPUT_UNREADABLE')]);
  const both = await box.sonde(['import', '--watch', box.folder, pieces[0]!, '--db', 'none']);
  expect([both.code, both.err]).toEqual([2, expect.stringContaining('--watch goes on without an end')]);
});
