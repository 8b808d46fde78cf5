/** The same packets give the same rows, in whatever format, through whatever door, in one file or several. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { chunked, collectFrames, encodePcap, encodePcapng, type Packet } from '../src/capture/encode.test-helper.ts';
import { readCapture } from '../src/capture/read-capture.ts';
import { hasProgram, hasSharedData, sharedData } from './needs.ts';
import { type ImportedRows, importRows } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

const packetsOf = async (path: string): Promise<Packet[]> => {
  const sink = collectFrames();
  await readCapture(path, sink);
  return sink.frames.map(({ bytes, original, at }) => ({
    nanoseconds: BigInt(at) * 1000n,
    bytes: Buffer.from(bytes, 'hex'),
    original,
  }));
};

const rows = ({ flows, dns, counters }: ImportedRows): unknown => ({ flows, dns, counters });

describe.skipIf(!hasSharedData).each(['whatsapp_login_call.pcap', 'wa_voice.pcap'])('%s', (name) => {
  const original = sharedData(`captures/ndpi/${name}`);
  const load = async () => ({ packets: await packetsOf(original), expected: rows(await importRows([original])) });

  test.each<[string, (packets: readonly Packet[]) => Uint8Array]>([
    ['pcap', (packets) => encodePcap(packets)],
    ['big-endian pcap', (packets) => encodePcap(packets, { little: false })],
    ['nanosecond pcap', (packets) => encodePcap(packets, { magic: 0xa1b23c4d })],
    ['big-endian nanosecond pcap', (packets) => encodePcap(packets, { little: false, magic: 0xa1b23c4d })],
    ['pcapng in nanoseconds', (packets) => encodePcapng(packets)],
    ['big-endian pcapng in microseconds', (packets) => encodePcapng(packets, false, 6)],
    ['gzip', (packets) => gzipSync(encodePcap(packets))],
    ['gzip of pcapng', (packets) => gzipSync(encodePcapng(packets))],
  ])('as %s', async (kind, encode) => {
    const { packets, expected } = await load();
    const found = await importRows([file(kind.replaceAll(' ', '-'), encode(packets))]);
    expect(rows(found)).toEqual(expected);
  });

  test.skipIf(!hasProgram('zstd'))('as zstd', async () => {
    const { packets, expected } = await load();
    const path = file('plain.pcap', encodePcap(packets));
    expect(spawnSync('zstd', ['-q', '-f', path]).status).toBe(0);
    expect(rows(await importRows([`${path}.zst`]))).toEqual(expected);
  });

  test('as chunks of a pipe', async () => {
    const { packets, expected } = await load();
    expect(rows(await importRows([chunked(encodePcap(packets), 997)]))).toEqual(expected);
  });

  test('split in two and continued', async () => {
    const { packets, expected } = await load();
    const half = Math.floor(packets.length / 2);
    const parts = [packets.slice(0, half), packets.slice(half)].map((part, i) =>
      file(`part${i}.pcap`, encodePcap(part)),
    );
    expect(rows(await importRows(parts))).toEqual(expected);
  });

  test('with names and addresses given up and numbered anew all the time', async () => {
    const { packets, expected } = await load();
    const small = chunked(encodePcap(packets), 4096);
    expect(rows(await importRows([small], { epochSize: 1 }))).toEqual(expected);
  });
});
