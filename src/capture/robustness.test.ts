import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasProgram, hasSharedData, sharedData } from '../../test/needs.ts';
import { SondeError } from '../kit/errors.ts';
import type { FrameSink } from '../packet/frame-sink.ts';
import type { CaptureAccount } from './capture-account.ts';
import {
  chunked,
  collectFrames,
  encodePcap,
  encodePcapng,
  encodeStoredZstd,
  type Packet,
} from './encode.test-helper.ts';
import { listInputs } from './list-inputs.ts';
import { readCapture } from './read-capture.ts';

const packets: Packet[] = Array.from({ length: 6 }, (_, i) => ({
  nanoseconds: 1_432_582_222_000_000_000n + BigInt(i),
  bytes: new Uint8Array(20 * i).fill(i),
  original: 100 * i,
}));

describe('random damage', () => {
  const captures = [
    encodePcap(packets),
    encodePcap(packets, { little: false, magic: 0xa1b2cd34 }),
    encodePcapng(packets),
    encodePcapng(packets, false, 6),
    encodeStoredZstd(encodePcapng(packets)),
  ];
  const damaged = fc
    .record({
      changes: fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 4, 12, 0x7f, 0x80, 0xff)), { maxLength: 5 }),
      cut: fc.nat(),
    })
    .map(({ changes, cut }) => (capture: Uint8Array) => {
      // The magic numbers stay, so that the damage reaches the parsers.
      const bytes = Uint8Array.from(capture.subarray(0, 12 + (cut % (capture.length - 11))));
      for (const [at, value] of changes) {
        if (bytes.length > 12) bytes[12 + (at % (bytes.length - 12))] = value;
      }
      return bytes;
    });

  test('never throws, never gives a frame outside of the buffer, and reads the same in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...captures),
        damaged,
        fc.integer({ min: 1, max: 200 }),
        async (capture, damage, chunkBytes) => {
          const bytes = damage(capture);
          const whole = collectFrames();
          const pieces = collectFrames();
          // With a digest both are read to their ends, whatever breaks them off.
          const read = (chunkBytes: number, sink: FrameSink, bufferBytes: number) =>
            outcome(readCapture(chunked(bytes, chunkBytes), sink, { bufferBytes, digests: [{ update: () => {} }] }));
          const fromWhole = await read(bytes.length, whole, 1 << 16);
          const fromPieces = await read(chunkBytes, pieces, 16);
          expect(pieces.frames).toEqual(whole.frames);
          expect(fromPieces).toEqual(fromWhole);
        },
      ),
      { seed: 20_140_222, numRuns: 600 },
    );
  });

  test('of gzip never passes for a complete capture with other frames', async () => {
    const sound = collectFrames();
    await readCapture(chunked(captures[0]!, 4096), sound);
    await fc.assert(
      fc.asyncProperty(damaged, fc.integer({ min: 1, max: 200 }), async (damage, chunkBytes) => {
        const sink = collectFrames();
        const bytes = damage(gzipSync(captures[0]!));
        const result = await outcome(readCapture(chunked(bytes, chunkBytes), sink, { bufferBytes: 16 }));
        if (result?.state === 'complete') expect(sink.frames).toEqual(sound.frames);
      }),
      { seed: 20_140_222, numRuns: 200 },
    );
  });
});

/** The result, or the only error that content may raise. */
const outcome = async (reading: Promise<CaptureAccount>): Promise<CaptureAccount | undefined> => {
  try {
    return await reading;
  } catch (error) {
    expect(error).toBeInstanceOf(SondeError);
    expect(error).toMatchObject({ code: 'SONDE_FORMAT_UNKNOWN' });
    return undefined;
  }
};

describe.skipIf(!hasSharedData)('real and hostile captures', () => {
  test('every file is read within two seconds, or is no capture', async () => {
    const inputs = await listInputs([sharedData('robustness'), sharedData('captures')]);
    let captures = 0;
    for (const { path } of inputs) {
      const sink = collectFrames();
      const began = performance.now();
      const result = await outcome(readCapture(path, sink));
      expect(performance.now() - began, path).toBeLessThan(2000);
      if (result === undefined) continue;
      captures++;
      expect(sink.frames.length).toBe(result.packets);
      expect(result.broken === undefined, path).toBe(result.state === 'complete');
    }
    expect(captures).toBeGreaterThan(700);
  });

  test('captures break off where they are known to', async () => {
    const at = async (path: string) => (await readCapture(sharedData(`robustness/${path}`), collectFrames())).broken;
    expect(await at('libpcap/pcap-invalid-version-1.pcap')).toEqual({ offset: 0, reason: 'unsupported-version' });
    expect(await at('libpcap/pcapng-invalid-vers-1.pcapng')).toEqual({ offset: 0, reason: 'unsupported-version' });
    expect(await at('libpcap/shb-option-too-long.pcapng')).toEqual({ offset: 0, reason: 'malformed-block' });
    expect(await at('tcpdump/bgp_vpn_rt-oobr.pcap')).toEqual({ offset: 295, reason: 'zero-filled' });
  });

  test('packets and losses of the pcapng test files', async () => {
    const counts = async (path: string) => {
      const {
        packets: count,
        untimed,
        dropped,
      } = await readCapture(sharedData(`robustness/pcapng/output_le/${path}.pcapng`), collectFrames());
      return [count, untimed, dropped];
    };
    expect(await counts('basic/test001')).toEqual([4, 0, undefined]);
    expect(await counts('basic/test010')).toEqual([4, 4, undefined]);
    expect(await counts('basic/test014')).toEqual([0, 0, 30]);
    expect(await counts('advanced/test101')).toEqual([4, 1, 53]);
    expect(await counts('difficult/test202')).toEqual([8, 2, 53]);
  });

  test.skipIf(!hasProgram('capinfos'))('counts and times equal those of capinfos', async () => {
    const results = new Map<string, CaptureAccount>();
    for (const { path } of await listInputs([sharedData('captures')])) {
      const result = await outcome(readCapture(path, collectFrames()));
      if (result !== undefined) results.set(path, result);
    }
    // A table without header, comma separated: file, packets, earliest and latest time in seconds.
    const { stdout } = spawnSync('capinfos', ['-T', '-r', '-m', '-M', '-c', '-a', '-e', '-S', ...results.keys()], {
      encoding: 'utf8',
      maxBuffer: 1 << 24,
    });
    const toMicroseconds = (text: string): number | undefined => {
      if (text === 'n/a') return undefined;
      const [seconds, fraction = ''] = text.split('.');
      return Number(seconds) * 1e6 + Number(fraction.padEnd(6, '0').slice(0, 6));
    };
    const lines = stdout.trim().split('\n');
    expect(lines.length).toBe(results.size);
    expect(lines.length).toBeGreaterThan(280);
    for (const line of lines) {
      const [path = '', count, earliest = '', latest = ''] = line.split(',');
      const result = results.get(path)!;
      expect([basename(path), result.packets, result.firstAt, result.lastAt]).toEqual([
        basename(path),
        Number(count),
        toMicroseconds(earliest),
        toMicroseconds(latest),
      ]);
    }
  });
});
