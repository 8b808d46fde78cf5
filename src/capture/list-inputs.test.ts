import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePcap, encodePcapng } from './encode.test-helper.ts';
import { listInputs } from './list-inputs.ts';
import { firstPacketAt, orderByTime } from './order-by-time.ts';

let root = '';

const packetAt = (seconds: number) => ({
  nanoseconds: BigInt(seconds) * 1_000_000_000n,
  bytes: Uint8Array.of(1, 2, 3),
  original: 3,
});

const files: Readonly<Record<string, Uint8Array | string>> = {
  'b.pcap': encodePcap([packetAt(20), packetAt(5)]),
  'a.pcap': encodePcap([packetAt(30)]),
  'notes.txt': 'nothing',
  'empty.pcap': '',
  'day/c.pcapng': encodePcapng([packetAt(10)]),
  'day/night/d.pcap': encodePcap([packetAt(20)], { little: false }),
  'day/.hidden.pcap': encodePcap([]),
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sonde-inputs-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  symlinkSync(root, join(root, 'day', 'circle'));
  symlinkSync(join(root, 'a.pcap'), join(root, 'day', 'linked.pcap'));
});

afterAll(() => rmSync(root, { recursive: true }));

const list = async (...paths: string[]) =>
  (await listInputs(paths.map((path) => (path === '-' ? path : join(root, path))))).map(
    ({ path, origin }) => `${origin} ${path === '-' ? path : relative(root, path)}`,
  );

describe('listInputs', () => {
  test('a folder gives every file under it, sorted, links to folders left out', async () => {
    expect(await list('')).toEqual([
      'found a.pcap',
      'found b.pcap',
      'found day/.hidden.pcap',
      'found day/c.pcapng',
      'found day/linked.pcap',
      'found day/night/d.pcap',
      'found empty.pcap',
      'found notes.txt',
    ]);
  });

  test('named paths keep their order, and what does not exist stays to be told by its reader', async () => {
    expect(await list('notes.txt', '-', 'missing.pcap', 'a.pcap', 'missing-*.pcap')).toEqual([
      'named notes.txt',
      'named -',
      'named missing.pcap',
      'named a.pcap',
      'named missing-*.pcap',
    ]);
  });

  test('a pattern gives what it matches, and a matched folder its files', async () => {
    expect(await list('*.pcap')).toEqual(['named a.pcap', 'named b.pcap', 'named empty.pcap']);
    expect(await list('**/?.{pcap,pcapng}')).toEqual([
      'named a.pcap',
      'named b.pcap',
      'named day/c.pcapng',
      'named day/night/d.pcap',
    ]);
    expect(await list('d*')).toContain('found day/night/d.pcap');
  });

  test('a file comes once, as named if it is both', async () => {
    expect(await list('day/night', 'day/night/d.pcap')).toEqual(['named day/night/d.pcap']);
    expect(await list('day/night/d.pcap', 'day/night')).toEqual(['named day/night/d.pcap']);
  });
});

describe('orderByTime', () => {
  test('sorts by the first packet, keeps equals in their order, and puts what has no time last', async () => {
    const ordered = await orderByTime(await listInputs([root]));
    expect(ordered.map(({ path }) => relative(root, path))).toEqual([
      'day/c.pcapng',
      'b.pcap',
      'day/night/d.pcap',
      'a.pcap',
      'day/linked.pcap',
      'day/.hidden.pcap',
      'empty.pcap',
      'notes.txt',
    ]);
  });

  test('the first packet is the first in the file, not the earliest', async () => {
    expect(await firstPacketAt(join(root, 'b.pcap'))).toBe(20_000_000);
    expect(await firstPacketAt(join(root, 'missing'))).toBeUndefined();
    expect(await firstPacketAt('-')).toBeUndefined();
  });
});
