import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { hasProgram } from '../../test/needs.ts';
import {
  chunked,
  collectFrames,
  concat,
  encodePcap,
  encodePcapng,
  encodeStoredZstd,
  hex,
  type Packet,
} from './encode.test-helper.ts';
import { type CaptureOptions, readCapture } from './read-capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

let written = 0;
const save = (bytes: Uint8Array | string): string => {
  const path = join(folder, `${written++}`);
  writeFileSync(path, bytes);
  return path;
};

const read = async (input: string | AsyncIterable<Uint8Array>, options: CaptureOptions = {}) => {
  const sink = collectFrames();
  const digest = createHash('sha256');
  const account = await readCapture(input, sink, { digests: [digest], ...options });
  return { frames: sink.frames, result: { ...account, sha256: digest.digest('hex') } };
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Packets of many lengths, one of them longer than small buffers, whose times have a rest of nanoseconds. */
const packets: Packet[] = Array.from({ length: 300 }, (_, i) => ({
  nanoseconds: 1_432_582_222_253_233_000n + BigInt(i) * 1_000_003n * 1000n + BigInt(i % 1000),
  bytes: Uint8Array.from({ length: i === 200 ? 70_000 : (i * 37) % 1500 }, (_byte, k) => (i + k) & 255),
  original: i === 7 ? 4_000_000_000 : 100_000,
}));

const expectedFrames = packets.map(({ nanoseconds, bytes, original }) => ({
  bytes: Buffer.from(bytes).toString('hex'),
  original,
  at: Number(nanoseconds / 1000n),
  linkType: 1,
}));

const plain = encodePcap(packets);
const half = encodePcap(packets.slice(0, 150));
const rest = encodePcap(packets.slice(150)).subarray(24);

describe('the same packets are the same frames', () => {
  const encodings: readonly (readonly [string, Uint8Array])[] = [
    ['pcap', plain],
    ['big-endian pcap', encodePcap(packets, { little: false })],
    ['pcap in nanoseconds', encodePcap(packets, { magic: 0xa1b23c4d })],
    ['big-endian pcap in nanoseconds', encodePcap(packets, { little: false, magic: 0xa1b23c4d })],
    ['modified pcap', encodePcap(packets, { magic: 0xa1b2cd34 })],
    ['pcapng', encodePcapng(packets)],
    ['big-endian pcapng in microseconds', encodePcapng(packets, false, 6)],
    ['pcapng in picoseconds', encodePcapng(packets, true, 10)],
    ['gzip', gzipSync(plain)],
    ['gzip of two members', concat([gzipSync(half), gzipSync(rest)])],
    ['gzip of pcapng', gzipSync(encodePcapng(packets))],
    ['zstd', encodeStoredZstd(plain)],
    ['zstd of two frames', concat([encodeStoredZstd(half), encodeStoredZstd(rest)])],
  ];

  test.each(encodings)('%s', async (_, bytes) => {
    const { frames, result } = await read(save(bytes));
    expect(frames).toEqual(expectedFrames);
    expect(result).toMatchObject({
      packets: 300,
      untimed: 0,
      bytesRead: bytes.length,
      sha256: sha256(bytes),
      firstAt: expectedFrames[0]!.at,
      lastAt: expectedFrames[299]!.at,
      undelivered: {},
      state: 'complete',
      broken: undefined,
    });
  });

  test.each(encodings)('%s, through small buffers and small chunks', async (_, bytes) => {
    expect((await read(save(bytes), { bufferBytes: 1000 })).frames).toEqual(expectedFrames);
    const streamed = await read(chunked(bytes, 777), { bufferBytes: 64 });
    expect(streamed.frames).toEqual(expectedFrames);
    expect(streamed.result.sha256).toBe(sha256(bytes));
  });

  test('standard input', async () => {
    const child = spawn('cat', [save(plain)]);
    const stdin = vi.spyOn(process, 'stdin', 'get').mockReturnValue(child.stdout as unknown as typeof process.stdin);
    const { frames, result } = await read('-');
    stdin.mockRestore();
    expect(frames).toEqual(expectedFrames);
    expect(result).toMatchObject({ bytesRead: plain.length, sha256: sha256(plain) });
  });

  test('a named pipe', async () => {
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    spawn('sh', ['-c', 'cat "$1" > "$2"', 'sh', save(gzipSync(plain)), pipe]);
    expect((await read(pipe)).frames).toEqual(expectedFrames);
  });

  test.skipIf(!hasProgram('editcap')).each(['pcap', 'nsecpcap', 'modpcap', 'pcapng'])(
    '%s as editcap writes it',
    async (format) => {
      const target = join(folder, format);
      spawnSync('editcap', ['-F', format, save(encodePcap(packets.slice(10), { magic: 0xa1b23c4d })), target]);
      const { frames } = await read(target);
      expect(frames).toEqual(expectedFrames.slice(10));
    },
  );

  test.skipIf(!hasProgram('zstd'))('zstd as zstd writes it', async () => {
    const bytes = spawnSync('zstd', ['-q', '-c', save(plain)], { maxBuffer: 1 << 24 }).stdout;
    expect((await read(save(bytes))).frames).toEqual(expectedFrames);
  });
});

describe('a capture that breaks off or turns to garbage', () => {
  const lastRecordAt = plain.length - packets[299]!.bytes.length - 16;

  test('inside a record: every packet before, and where', async () => {
    const bytes = plain.subarray(0, plain.length - 1);
    for (const [encoded, compression] of [
      [bytes, undefined],
      [gzipSync(bytes), 'gzip'],
      [encodeStoredZstd(bytes), 'zstd'],
    ] as const) {
      const { frames, result } = await read(save(encoded));
      expect(frames).toEqual(expectedFrames.slice(0, 299));
      expect(result).toMatchObject({
        compression,
        state: 'partial',
        broken: { offset: lastRecordAt, reason: 'truncated-record' },
        undelivered: { 'truncated-record': 1 },
      });
    }
  });

  test('inside the file header', async () => {
    const { result } = await read(save(plain.subarray(0, 10)));
    expect(result).toMatchObject({ format: 'pcap', packets: 0, broken: { offset: 0, reason: 'truncated-record' } });
    expect(result.firstAt).toBeUndefined();
    expect(result.lastAt).toBeUndefined();
  });

  test('with an impossible length: the hash is that of the whole file all the same', async () => {
    const bytes = concat([plain, new Uint8Array(5_000_000).fill(0xff)]);
    const { frames, result } = await read(save(bytes));
    expect(frames).toEqual(expectedFrames);
    expect(result).toMatchObject({
      state: 'partial',
      broken: { offset: plain.length, reason: 'over-long-record' },
      bytesRead: bytes.length,
      sha256: sha256(bytes),
    });
  });

  test('with a length that only the declared snapshot length allows: the file is too short for it', async () => {
    const { result } = await read(
      save(concat([encodePcap([], { snaplen: 0xffffffff }), hex('01000000 00000000 00000001 00000001 aa')])),
    );
    expect(result).toMatchObject({ packets: 0, broken: { offset: 24, reason: 'truncated-record' } });
  });

  test('with zeros to the end, however many', async () => {
    for (const bytes of [
      concat([plain, new Uint8Array(1 << 22)]),
      concat([encodePcapng(packets), new Uint8Array(64)]),
    ]) {
      const { frames, result } = await read(save(gzipSync(bytes)));
      expect(frames).toEqual(expectedFrames);
      expect(result.state).toBe('partial');
    }
  });

  test('in its compression', async () => {
    const packed = gzipSync(plain);
    for (const bytes of [packed.subarray(0, packed.length - 4), encodeStoredZstd(plain).subarray(0, 150_000)]) {
      const { frames, result } = await read(save(bytes));
      expect(frames.length).toBeGreaterThan(150);
      expect(frames).toEqual(expectedFrames.slice(0, frames.length));
      expect(result).toMatchObject({ state: 'partial', broken: { reason: 'broken-compression' } });
    }
    expect((await read(save(packed.subarray(0, 10)))).result).toMatchObject({
      format: undefined,
      compression: 'gzip',
      packets: 0,
      broken: { offset: 0, reason: 'broken-compression' },
    });
  });
});

describe('what is not a capture', () => {
  test('nothing at all is told as empty', async () => {
    for (const bytes of [new Uint8Array(0), gzipSync('')]) {
      const { result } = await read(save(bytes));
      expect(result).toMatchObject({
        format: undefined,
        packets: 0,
        state: 'partial',
        broken: { offset: 0, reason: 'empty' },
      });
    }
  });

  test('a capture without packets is complete', async () => {
    expect((await read(save(encodePcap([])))).result).toMatchObject({
      packets: 0,
      state: 'complete',
      firstAt: undefined,
    });
  });

  test.each(['x', '{"text": "not packets"}', gzipSync('not packets'), encodeStoredZstd(hex('cafe'))])(
    'content %# is of unknown format',
    async (bytes) => {
      await expect(read(save(bytes))).rejects.toMatchObject({ code: 'SONDE_FORMAT_UNKNOWN' });
    },
  );

  test('missing files and folders are errors', async () => {
    const missing = join(folder, 'missing');
    await expect(read(missing)).rejects.toMatchObject({ code: 'SONDE_INPUT_NOT_FOUND', fields: { file: missing } });
    await expect(read(folder)).rejects.toMatchObject({ code: 'SONDE_INPUT_UNREADABLE', fields: { file: folder } });
  });

  test('so is a stream that fails', async () => {
    async function* failing() {
      yield plain.subarray(0, 1000);
      throw new Error('the other side went away');
    }
    await expect(read(failing())).rejects.toMatchObject({ code: 'SONDE_INPUT_UNREADABLE' });
  });
});

describe('options', () => {
  test('between is awaited now and then and at the end, and sees the progress', async () => {
    const seen: number[] = [];
    let running = 0;
    await read(save(plain), {
      bufferBytes: 5000,
      async between({ bytesRead, totalBytes, packets: count }) {
        expect(++running).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running--;
        expect(totalBytes).toBe(plain.length);
        expect(count).toBeLessThanOrEqual(300);
        seen.push(bytesRead);
      },
    });
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.length).toBeLessThan(10);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(plain.length);
  });
});
