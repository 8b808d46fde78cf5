/** A live capture by a pipe: shown while it comes, stored once, and the same rows as from a file. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProgram } from '../src/cli/main.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { contentsOf } from './store-contents.ts';

const PIECES = 4;
const FILE_HEADER_BYTES = 24;

let box: Sandbox;
/** A capture, and the same in pieces, each a capture too. */
let whole: string;
let pieces: readonly string[];
let packets: number;

const store = (name: string): string => join(box.folder, name);

const run = async (...args: string[]): Promise<string> => (await box.run(args)).err;

const importsOf = (name: string) => box.ask(name, 'SELECT kind, name, state, packet_count AS packets FROM imports');

/** Waits until it holds, half a minute at most. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 60 && !(await holds()); i++) await sleep(500);
  expect(await holds()).toBe(true);
};

beforeAll(async () => {
  box = makeSandbox();
  const frames = [...plantedWhatsApp({ seed: 5, clients: 8, hours: 1 }).frames];
  packets = frames.length;
  whole = join(box.folder, 'whole.pcap');
  writePcap(whole, frames);
  pieces = Array.from({ length: PIECES }, (_, i) => {
    const path = join(box.folder, `piece-${i}.pcap`);
    writePcap(path, frames.slice((i * packets) / PIECES, ((i + 1) * packets) / PIECES));
    return path;
  });
  await run('import', whole, '--db', 'file');
});
afterAll(() => box.remove());

const ofPackets = async (name: string, without = ['source']) => {
  const { imports: _, ...tables } = await contentsOf(store(name), without);
  return tables;
};

test('a piped capture gives the rows of the file', async () => {
  const { code, err } = await box.sonde(['capture', '-i', '-', '--db', 'piped'], { input: readFileSync(whole) });
  expect([code, err]).toEqual([0, expect.stringMatching(/^-: [\d,]+ packets, [\d,]+ rows\nlook at it: sonde show/)]);
  expect(await ofPackets('piped')).toEqual(await ofPackets('file'));
  expect(await importsOf('piped')).toEqual([{ kind: 'live', name: '-', state: 'complete', packets }]);
});

test('it shows while it comes, ends well at the first signal, and a pipe that goes on holds nothing up', async () => {
  const { child, outcome } = box.start(['capture', '-i', '-', '--db', 'signal', '--commit-every', '1']);
  child.stdin.write(readFileSync(whole));
  await until(async () => existsSync(store('signal')) && (await importsOf('signal'))[0]?.packets === packets);
  expect(await importsOf('signal')).toEqual([{ kind: 'live', name: '-', state: 'running', packets }]);
  const [{ n } = {}] = await box.ask('signal', 'SELECT count(*) AS n FROM flows');
  expect(n).toBeGreaterThan(0);
  expect((await box.sonde(['doctor', '--db', 'signal'])).out).toMatch(/ok {4}captures {2}1 running\n/);
  child.kill('SIGTERM');
  expect((await outcome).code).toBe(0);
  expect(await ofPackets('signal', ['source', 'reported_at'])).toEqual(
    await ofPackets('file', ['source', 'reported_at']),
  );
  expect((await importsOf('signal'))[0]).toMatchObject({ state: 'complete', packets });
});

test('rules that are edited meanwhile label what comes; a file that is broken is told once', async () => {
  const path = join(box.folder, 'mine.yaml');
  const write = (name: string): void =>
    writeFileSync(
      path,
      `service: whatsapp\ntitle: T\nsources: {s: S}\nrules: [{class: ${name}, source: s, suffix: whatsapp.net, priority: 1}]`,
    );
  write('before');
  const { child, outcome } = box.start([
    'capture',
    '-i',
    '-',
    '--db',
    'edited',
    '--commit-every',
    '1',
    '--rules',
    path,
  ]);
  let read = 0;
  /** Each of them is read, and committed, before the next comes. */
  const pour = async (piece: number): Promise<void> => {
    const bytes = readFileSync(pieces[piece]!);
    read += (packets * (piece + 1)) / PIECES - (packets * piece) / PIECES;
    child.stdin.write(piece === 0 ? bytes : bytes.subarray(FILE_HEADER_BYTES));
    await until(
      async () =>
        existsSync(store('edited')) && ((await importsOf('edited'))[0]?.packets as number) >= Math.floor(read),
    );
  };
  await pour(0);
  writeFileSync(path, 'service: [');
  await pour(1);
  write('after');
  await pour(2);
  await pour(3);
  child.stdin.end();
  const { code, err } = await outcome;
  expect([code, err.match(/SONDE_RULES_INVALID/g)?.length]).toEqual([0, 1]);
  const labels = await box.ask(
    'edited',
    `SELECT class, count(DISTINCT rules_version) AS versions, min(rules_version) AS version FROM flows
     WHERE service = 'whatsapp' AND service_source = 'name' GROUP BY class ORDER BY class`,
  );
  expect(labels.map((row) => [row.class, row.versions])).toEqual([
    ['after', 1],
    ['before', 1],
  ]);
  expect(labels[0]!.version).not.toBe(labels[1]!.version);
});

test('a kill leaves what the last commit showed, once, and the capture is said to have broken off', async () => {
  const controller = new AbortController();
  const { child, outcome } = box.start(['capture', '-i', '-', '--db', 'killed', '--commit-every', '1'], {
    kill: controller.signal,
  });
  child.stdin.write(readFileSync(whole));
  await until(async () => existsSync(store('killed')) && (await importsOf('killed'))[0]?.packets === packets);
  controller.abort();
  expect((await outcome).code).toBe(null);
  const flows = 'SELECT count(*) AS n, count(DISTINCT flow_id) AS ids FROM flows';
  const [left] = await box.ask('killed', flows);
  const [all] = await box.ask('file', flows);
  expect(left!.n).toBe(left!.ids);
  expect(left!.n).toBeLessThan(all!.n as number);
  const { out } = await box.sonde(['doctor', '--db', 'killed']);
  expect(out).not.toContain('FAIL');

  const later = async (...args: string[]): Promise<string> => {
    let text = '';
    const program = await buildProgram(
      {
        out: (more) => {
          text += more;
        },
        err: () => {},
        errIsTty: false,
        width: 120,
        env: {},
        now: () => new Date(Date.now() + 3_600_000),
      },
      () => {},
    );
    await program.parseAsync([...args, '--db', store('killed')], { from: 'user' });
    return text;
  };
  expect(await later('imports', '--format', 'csv')).toMatch(/,live,-,.*,broken off,local,/);
  expect(await later('doctor')).toMatch(
    /0 running; broken off, complete to their last commit: - \([0-9a-f]{16}, until /,
  );
});

test('live captures and files continue one stream, cut anywhere', async () => {
  for (const [i, piece] of pieces.entries()) {
    if (i % 2 === 0) await run('import', '--continue', piece, '--db', 'mixed');
    else {
      const { code, err } = await box.sonde(['capture', '-i', '-', '--continue', '--db', 'mixed'], {
        input: readFileSync(piece),
      });
      expect(code, err).toBe(0);
    }
  }
  await run('import', '--finish', '--db', 'mixed');
  expect(await ofPackets('mixed')).toEqual(await ofPackets('file'));
});

test('a continued capture that is killed goes on from its last commit: each packet in one flow, each flow once', async () => {
  const controller = new AbortController();
  const args = ['capture', '-i', '-', '--continue', '--commit-every', '1', '--db', 'resumed'];
  const { child, outcome } = box.start(args, { kill: controller.signal });
  const first = readFileSync(pieces[0]!);
  child.stdin.write(first);
  const shown = async (): Promise<number> =>
    existsSync(store('resumed')) ? ((await importsOf('resumed'))[0]?.packets as number) : 0;
  await until(async () => (await shown()) > 0);
  // What comes after the last commit is lost; its packets are not counted either.
  child.stdin.write(readFileSync(pieces[1]!).subarray(FILE_HEADER_BYTES));
  await sleep(300);
  controller.abort();
  await outcome;
  for (const piece of pieces.slice(2)) {
    const { code, err } = await box.sonde(args, { input: readFileSync(piece) });
    expect(code, err).toBe(0);
  }
  await run('import', '--finish', '--db', 'resumed');
  const [flows] = await box.ask(
    'resumed',
    'SELECT count(*) AS n, count(DISTINCT flow_id) AS ids, sum(up_packets + down_packets) AS packets FROM flows',
  );
  const [imports] = await box.ask(
    'resumed',
    "SELECT sum(packet_count) AS packets, count(*) AS n, countIf(state = 'running') AS running FROM imports",
  );
  expect(flows).toMatchObject({ ids: flows!.n, packets: imports!.packets });
  expect(imports).toMatchObject({ n: 4, running: 1 });
});

test.each([
  ['what is no capture', ['-i', '-'], 'not a capture', 'SONDE_FORMAT_UNKNOWN'],
  ['a program that is not there', ['-i', 'lo'], 'there is no program dumpcap', 'SONDE_CAPTURE_FAILED'],
])('%s is told, and leaves nothing', async (_, args, why, code) => {
  const { code: exit, err } = await box.sonde(['capture', ...args, '--db', 'failed'], {
    input: Buffer.from('no capture, but words enough to tell that it is none of any kind'.repeat(9)),
    env: { PATH: box.folder },
  });
  expect([exit, err]).toEqual([1, expect.stringContaining(why)]);
  expect(err).toContain(code);
  expect(await importsOf('failed')).toEqual([]);
});
