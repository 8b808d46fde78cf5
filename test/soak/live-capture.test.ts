/** Live capture at length: 100,000 packets a second for a minute without a loss, and more than can be taken with every loss told. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePcap } from '../../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../../src/synth/planted-whatsapp.ts';
import { makeSandbox, type Sandbox } from '../command-line.ts';
import { hasNetwork, makeNetwork, type Network } from '../network.ts';

/** For a look at a smaller machine: SONDE_PPS=20000 SONDE_SECONDS=10. */
const packetsASecond = Number(process.env.SONDE_PPS ?? 100_000);
const seconds = Number(process.env.SONDE_SECONDS ?? 60);
const MAX_RESIDENT_MB = 700;

let box: Sandbox;
let network: Network;
let scene: string;

/** Captures while `send` sends; what the store has, what was sent, and how much memory it took. */
const captureWhile = async (name: string, send: () => Promise<number>, ...args: readonly string[]) => {
  const { child, outcome } = box.start(['capture', '-i', network.interface, '--db', name, ...args], {
    under: network.under,
  });
  await sleep(5000);
  const sent = await send();
  await sleep(1000);
  // What it had to hold at its worst, in KiB.
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const residentMb = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  child.kill('SIGINT');
  const { code, err } = await outcome;
  expect(code, err).toBe(0);
  const sql = `SELECT packet_count AS packets, dropped, (SELECT sum(up_packets + down_packets) FROM flows) AS in_flows,
    (SELECT sum(up_packets + down_packets) FROM counters) AS in_counters, state FROM imports`;
  const { out } = await box.sonde(['query', sql, '--db', name, '--format', 'json']);
  const [row] = JSON.parse(out) as { packets: number; dropped: number; in_flows: number; in_counters: number }[];
  return { sent, residentMb, err, ...row! };
};

describe.skipIf(!hasNetwork)('over a cable', () => {
  beforeAll(() => {
    box = makeSandbox();
    network = makeNetwork();
    scene = join(box.folder, 'scene.pcap');
    writePcap(scene, plantedWhatsApp({ seed: 2, clients: 20, hours: 2 }).frames);
  });
  afterAll(() => {
    network.remove();
    box.remove();
  });

  // Each round has addresses of its own, so that flows are as many as packets ask for.
  const looped = ['-K', '--loop', '100000', '--unique-ip'];

  test(`${packetsASecond} packets a second for ${seconds} s: none is lost, and each is in one flow`, async () => {
    const limit = String(packetsASecond * seconds);
    const send = () => network.send(scene, ...looped, '--pps', String(packetsASecond), '--limit', limit);
    const { sent, packets, dropped, in_flows, in_counters, residentMb } = await captureWhile(
      'paced',
      send,
      '-B',
      '256',
    );
    expect(sent).toBe(packetsASecond * seconds);
    expect({ packets, dropped, in_flows, in_counters }).toEqual({
      packets: sent,
      dropped: 0,
      in_flows: sent,
      in_counters: sent,
    });
    expect(residentMb).toBeLessThan(MAX_RESIDENT_MB);
  });

  test('as many as the sender can: what is not stored was lost in the kernel, to the packet; memory stays bounded', async () => {
    const send = () => network.send(scene, ...looped, '--topspeed', '--limit', String(20 * packetsASecond));
    const { sent, packets, dropped, in_flows, residentMb, err } = await captureWhile('flood', send, '-B', '4');
    expect(dropped).toBeGreaterThan(0);
    expect(packets + dropped).toBe(sent);
    expect(in_flows).toBe(packets);
    expect(err).toMatch(/packets lost by the capture/);
    expect(residentMb).toBeLessThan(MAX_RESIDENT_MB);
  });
});
