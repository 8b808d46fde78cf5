/** Live capture of an interface, by real programs over a real cable: what passes is what is stored. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { hasNetwork, makeNetwork, type Network } from './network.ts';
import { contentsOf } from './store-contents.ts';

const PACKETS_A_SECOND = 3000;

let box: Sandbox;
let network: Network;
let scene: string;
let packets: number;

const store = (name: string): string => join(box.folder, name);

/** A folder with dumpcap and tcpdump that keep what they capture in a file besides handing it over. */
const keeping = (file: string): { PATH: string } => {
  const folder = join(box.folder, 'keeping', file.replaceAll(/\W/g, '-'));
  mkdirSync(folder, { recursive: true });
  for (const program of ['dumpcap', 'tcpdump']) {
    const path = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
    writeFileSync(join(folder, program), `#!/bin/bash\nexec ${path} "$@" > >(exec tee '${file}')\n`);
    chmodSync(join(folder, program), 0o755);
  }
  return { PATH: `${folder}:${process.env.PATH}` };
};

const importsOf = async (name: string): Promise<Record<string, unknown>[]> => {
  const { code, out, err } = await box.sonde(['imports', '--db', name, '--format', 'json']);
  expect(code, err).toBe(0);
  return JSON.parse(out);
};

/** Starts a capture and waits until the store shows that it runs. */
const startCapture = async (name: string, args: readonly string[] = [], env: Record<string, string> = {}) => {
  const running = box.start(['capture', '-i', network.interface, '--db', name, '--commit-every', '1', ...args], {
    under: network.under,
    env,
  });
  let ended = false;
  void running.outcome.then(() => {
    ended = true;
  });
  for (let i = 0; i < 240 && !ended; i++) {
    if (existsSync(join(store(name), 'imports')) && (await importsOf(name)).length > 0) break;
    await sleep(250);
  }
  return running;
};

const ofPackets = async (name: string, without = ['source', 'reported_at']) => {
  const { imports: _, ...tables } = await contentsOf(store(name), without);
  return tables;
};

describe.skipIf(!hasNetwork)('over a cable', () => {
  beforeAll(() => {
    box = makeSandbox();
    scene = join(box.folder, 'scene.pcap');
    const frames = [...plantedWhatsApp({ seed: 6, clients: 6, hours: 1 }).frames];
    packets = frames.length;
    writePcap(scene, frames);
  });
  afterAll(() => box.remove());
  beforeEach(() => {
    network = makeNetwork();
  });
  afterEach(() => network.remove());

  test.each(['dumpcap', 'tcpdump'])(
    '%s: no packet is lost, and the rows are those of a file of the same packets',
    async (program) => {
      const file = join(box.folder, `${program}.kept`);
      const { child, outcome } = await startCapture(program, ['--with', program], keeping(file));
      expect(await network.send(scene, '--pps', String(PACKETS_A_SECOND))).toBe(packets);
      child.kill('SIGINT');
      const { code, err } = await outcome;
      expect(code, err).toBe(0);
      const [live] = await importsOf(program);
      expect(live).toMatchObject({ kind: 'live', name: 'tap0', packets, dropped: 0, malformed: 0, state: 'complete' });

      expect((await box.sonde(['import', file, '--db', `${program}-file`])).code).toBe(0);
      const found = await ofPackets(program);
      expect(found.flows![0]).toBeGreaterThan(100);
      expect(found).toEqual(await ofPackets(`${program}-file`));
    },
  );

  test('a capture ends after so many packets, of so many bytes each, and takes what its filter lets through', async () => {
    const { outcome } = await startCapture('limited', ['-c', '50', '-s', '60', '-f', 'udp port 53']);
    await network.send(scene, '--pps', String(PACKETS_A_SECOND));
    expect((await outcome).code).toBe(0);
    const [row] = await importsOf('limited');
    expect(row).toMatchObject({ packets: 50, state: 'complete' });
    const { out } = await box.sonde([
      'query',
      'SELECT DISTINCT protocol, server_port, snaplen_cut FROM flows ORDER BY snaplen_cut',
      '--db',
      'limited',
      '--format',
      'csv',
    ]);
    expect(out).toMatch(/^protocol,server_port,snaplen_cut\n(udp,53,false\n)?udp,53,true\n$/);
  });

  test('a capture ends after so long, with nothing that passed', async () => {
    const { code, err } = await box.sonde(['capture', '-i', network.interface, '--db', 'idle', '--duration', '1'], {
      under: network.under,
    });
    expect([code, err]).toEqual([0, 'tap0: 0 packets, 0 rows\n']);
    expect(await importsOf('idle')).toMatchObject([{ packets: 0, state: 'complete' }]);
  });

  test('an interface that is gone ends the capture: what passed before is stored, and said to be a part', async () => {
    const { outcome } = await startCapture('gone');
    await network.send(scene, '--pps', String(PACKETS_A_SECOND), '--limit', '1000');
    await sleep(1000);
    network.cut();
    const { code, err } = await outcome;
    expect([code, err]).toEqual([3, expect.stringContaining('the interface tap0 is gone')]);
    expect(err).toContain('SONDE_CAPTURE_FAILED');
    expect(await importsOf('gone')).toMatchObject([{ packets: 1000, state: 'partial' }]);
  });

  test('a program that is killed is told', async () => {
    const { child, outcome } = await startCapture('orphan');
    await network.send(scene, '--pps', String(PACKETS_A_SECOND), '--limit', '100');
    await sleep(1000);
    const [dumpcap] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
    process.kill(Number(dumpcap), 'SIGKILL');
    const { code, err } = await outcome;
    expect([code, err]).toEqual([3, expect.stringContaining('dumpcap ended (SIGKILL)')]);
    expect(await importsOf('orphan')).toMatchObject([{ packets: 100, state: 'partial' }]);
  });

  test.each([
    ['an interface that is not there', ['-i', 'nope0'], 'there is no interface nope0'],
    ['a filter that is none', ['-i', 'tap0', '-f', 'bad('], 'the filter is none: bad('],
    ['the same, by tcpdump', ['-i', 'tap0', '-f', 'bad(', '--with', 'tcpdump'], 'the filter is none: bad('],
    ['an interface, by tcpdump', ['-i', 'nope0', '--with', 'tcpdump'], 'there is no interface nope0'],
  ])('%s is told', async (_, args, why) => {
    const { code, err } = await box.sonde(['capture', ...args, '--db', 'none'], { under: network.under });
    expect([code, err]).toEqual([1, expect.stringContaining(why)]);
    expect(await importsOf('none')).toEqual([]);
  });
});
