/** Planted QUIC connections: what others read in them, and what the spin bit does. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasProgram } from '../../test/needs.ts';
import { Random } from '../kit/random.ts';
import { parseAddress } from '../packet/address.ts';
import { isShortHeader, spinOf } from '../packet/quic-header.ts';
import type { Frame } from './frame.ts';
import { opaque } from './payload.ts';
import { writePcap } from './pcap-writer.ts';
import { type QuicScript, quicConnection } from './quic-connection.ts';

const T = 1_392_746_400_000_000;
const PAYLOAD_AT = 14 + 20 + 8;

const script = (more: Partial<QuicScript> = {}): QuicScript => ({
  path: {
    client: { address: parseAddress('10.0.0.1')!, port: 40_000 },
    server: { address: parseAddress('198.18.0.1')!, port: 443 },
    clientTtl: 63,
    serverTtl: 52,
  },
  at: T,
  serverRttUs: 20_000,
  clientRttUs: 30_000,
  hello: { serverName: 'media.fra3-1.fna.whatsapp.net', alpn: ['h3'] },
  turns: [
    { direction: 'up', payload: opaque(400) },
    { direction: 'down', payload: opaque(1_000_000), bytesPerSecond: 1_000_000 },
  ],
  random: new Random(1),
  ...more,
});

const framesOf = (planted: QuicScript): Frame[] => [...{ [Symbol.iterator]: () => quicConnection(planted).frames }];

test('frames are in the order of time, and the tally counts them', () => {
  const flow = quicConnection(script());
  const frames = [...{ [Symbol.iterator]: () => flow.frames }];
  const times = frames.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(flow.tally).toMatchObject({ server_rtt_us: 20_000, client_rtt_us: 30_000, conn_state: 'SF', protocol: 'udp' });
  expect(flow.tally.up_packets + flow.tally.down_packets).toBe(frames.length);
  expect(flow.tally.down_payload).toBeGreaterThan(1_000_000);
  expect(frames[0]!.length - PAYLOAD_AT).toBe(1200);
});

describe('the spin bit', () => {
  const edgesOf = (frames: readonly Frame[], firstByte: number): number[] => {
    const short = frames.filter(({ bytes }) => bytes[26] === firstByte && isShortHeader(bytes[PAYLOAD_AT]!));
    const spins = short.map(({ bytes }) => spinOf(bytes[PAYLOAD_AT]!));
    return short.filter((_, i) => i > 0 && spins[i] !== spins[i - 1]).map(({ at }) => at);
  };

  test('turns once a round trip between the ends in a steady download', () => {
    const edges = edgesOf(framesOf(script()), 10);
    expect(edges.length).toBeGreaterThan(15);
    for (const [i, at] of edges.slice(1).entries()) expect(at - edges[i]!).toBeLessThan(55_000);
    for (const [i, at] of edges.slice(1).entries()) expect(at - edges[i]!).toBeGreaterThanOrEqual(50_000);
  });

  test('stays where it is, or is random, if the ends want that', () => {
    expect(edgesOf(framesOf(script({ spin: 'still' })), 10)).toEqual([]);
    expect(edgesOf(framesOf(script({ spin: 'random' })), 10).length).toBeGreaterThan(100);
  });
});

describe.skipIf(!hasProgram('tshark'))('tshark reads', () => {
  test.each([
    ['a hello in one Initial packet', {}, 1],
    ['a hello cut into two', { helloBytes: 100 }, 2],
    ['a hello that does not fit in one', { hello: { serverName: 'large.example', alpn: ['h3'], echBytes: 1300 } }, 2],
  ] as const)('%s', (_, more, initials) => {
    const folder = mkdtempSync(join(tmpdir(), 'sonde-synth-'));
    try {
      const path = join(folder, 'quic.pcap');
      const planted = script(more);
      writePcap(path, framesOf(planted));
      const fields = ['tls.handshake.extensions_server_name', 'tls.handshake.extensions_alpn_str'];
      const args = ['-n', '-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
      const lines = spawnSync('tshark', args, { encoding: 'utf8' }).stdout.split('\n');
      expect(lines[initials - 1]).toBe(`${planted.hello.serverName}\th3`);
      expect(lines.filter((line) => line.trim() !== '')).toHaveLength(1);
      const malformed = spawnSync('tshark', ['-n', '-r', path, '-Y', '_ws.malformed or quic.decryption_failed'], {
        encoding: 'utf8',
      });
      const complaints = malformed.stdout.split('\n').filter((line) => line.includes('Malformed'));
      expect(complaints).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
