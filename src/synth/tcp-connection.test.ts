/** Faults of planted connections: lost and overtaken segments, told in the tally and seen by others. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasProgram } from '../../test/needs.ts';
import { Random } from '../kit/random.ts';
import { parseAddress } from '../packet/address.ts';
import { opaque } from './payload.ts';
import { writePcap } from './pcap-writer.ts';
import type { PlantedFlow } from './tally.ts';
import { tcpConnection } from './tcp-connection.ts';
import type { Faults } from './tcp-segments.ts';

const MEGABYTE = 1_000_000;

const download = (faults: Omit<Faults, 'random'>): PlantedFlow =>
  tcpConnection({
    path: {
      client: { address: parseAddress('10.0.0.1')!, port: 40_000 },
      server: { address: parseAddress('198.18.0.1')!, port: 443 },
      clientTtl: 63,
      serverTtl: 52,
      bulkSnaplen: 24,
    },
    at: 1_392_746_400_000_000,
    serverRttUs: 20_000,
    clientRttUs: 30_000,
    turns: [
      { direction: 'up', payload: opaque(100) },
      { direction: 'down', payload: opaque(MEGABYTE), bytesPerSecond: 200_000 },
    ],
    faults: { random: new Random(7), ...faults },
  });

describe('a download with faults', () => {
  const flow = download({ lossShare: 0.05, swapShare: 0.05 });
  const frames = [...{ [Symbol.iterator]: () => flow.frames }];

  test('lost and overtaken segments are in the tally, and their payload counts once', () => {
    expect(flow.tally.down_retransmits).toBeGreaterThan(20);
    expect(flow.tally.down_reordered).toBeGreaterThan(20);
    expect([flow.tally.up_retransmits, flow.tally.up_reordered]).toEqual([0, 0]);
    expect(flow.tally.down_payload).toBe(MEGABYTE);
  });

  test('frames stay in the order of time', () => {
    expect(frames.map(({ at }) => at)).toEqual(frames.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  test.skipIf(!hasProgram('tshark'))('tshark counts as many, and misses nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sonde-faults-'));
    try {
      const path = join(folder, 'faults.pcap');
      writePcap(path, frames);
      const count = (filter: string): number => {
        const { stdout } = spawnSync('tshark', ['-r', path, '-Y', filter, '-T', 'fields', '-e', 'frame.number']);
        return stdout.toString().trim().split('\n').filter(Boolean).length;
      };
      expect(count('tcp.analysis.retransmission')).toBe(flow.tally.down_retransmits);
      expect(count('tcp.analysis.out_of_order')).toBe(flow.tally.down_reordered);
      expect(count('tcp.analysis.ack_lost_segment')).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('without faults nothing is sent twice', () => {
  const flow = download({ lossShare: 0, swapShare: 0 });
  const frames = [...{ [Symbol.iterator]: () => flow.frames }];
  expect(flow.tally).toMatchObject({ down_retransmits: 0, down_reordered: 0, down_payload: MEGABYTE });
  expect(frames).toHaveLength(flow.tally.up_packets + flow.tally.down_packets);
});
