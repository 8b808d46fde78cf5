import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasProgram } from '../../../test/needs.ts';
import { chunkSource } from '../byte-source.ts';
import { chunked, concat, encodeStoredZstd, hex } from '../encode.test-helper.ts';
import { unzstd } from './unzstd.ts';

/** What comes out, and the message of the error that ends it. */
const decompress = async (bytes: Uint8Array, chunkBytes = 1 << 16): Promise<{ text: string; error: string }> => {
  const parts: Buffer[] = [];
  let error = '';
  try {
    for await (const part of unzstd(chunkSource(chunked(bytes, chunkBytes)))) parts.push(Buffer.from(part));
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'SONDE_COMPRESSION_BROKEN' });
    error = (thrown as Error).message;
  }
  return { text: Buffer.concat(parts).toString('latin1'), error };
};

const answers = Array.from({ length: 16 }, (_, i) => i + 1)
  .map((i) => `e${i}.whatsapp.net A 184.173.${(i * 7) % 256}.${(i * 13) % 256}`)
  .join(' ');

/** `answers` by `zstd -3`: Huffman literals, predefined and described entropy tables. */
const answersFrame =
  hex(`28b52ffd00586d0400324a1915b025e900c044c4cd971005b7dc5b4a29f78c199d0827a663fbb4e29ab0f99c73af7c96
  e1ba90cf616eddf8a472897d0a7205113e895d1ae52ce10ebbd3a5859c473a354e1b35b273ac5767a17ae81cd3f29ce4921271eb4c01070fe83008020301
  60a07e0f00536b41003c60410044003c604145414434e001a0010b072007a0010b1f0ae411a07a02`);

const skippable = hex('502a4d18 03000000 ffffff');
const empty = hex('28b52ffd 00 38 010000');
/** Five times "a" as a run-length block, with an unchecked checksum. */
const run = hex('28b52ffd 04 38 2b0000 61 00000000');

describe('unzstd', () => {
  test('a compressed frame, byte by byte', async () => {
    expect(await decompress(answersFrame, 1)).toEqual({ text: answers, error: '' });
  });

  test('several frames, skippable and empty ones between them', async () => {
    const bytes = concat([skippable, run, empty, answersFrame, skippable, encodeStoredZstd(hex('626364')), empty]);
    for (const chunkBytes of [1, 7, 4096]) {
      expect(await decompress(bytes, chunkBytes)).toEqual({ text: `aaaaa${answers}bcd`, error: '' });
    }
  });

  test('what is sound before the break is given, for a break at any byte', async () => {
    const bytes = concat([run, answersFrame]);
    for (let length = 1; length < bytes.length; length++) {
      const { text, error } = await decompress(bytes.subarray(0, length));
      expect(text).toBe(length < 10 ? '' : 'aaaaa');
      expect(error).toBe(length === run.length ? '' : 'zstd data: it ends too early');
    }
  });

  test.each([
    ['a window over 128 MiB', '28b52ffd 00 90', 'its window is larger than 128 MiB'],
    ['a single segment over 128 MiB', '28b52ffd e0 ffffffffffffffff 010000', 'its window is larger than 128 MiB'],
    ['a dictionary', '28b52ffd 21 07 05 010000', 'it needs a dictionary'],
    ['a reserved bit', '28b52ffd 08 38 010000', 'reserved bits in use'],
    ['the reserved block type', '28b52ffd 00 38 070000', 'an impossible block'],
    ['a block over 128 KiB', '28b52ffd 00 38 090010', 'an impossible block'],
    ['a run over 128 KiB', '28b52ffd 00 38 0b0010 61', 'a block larger than allowed'],
    ['garbage behind a frame', '28b52ffd 00 38 010000 00000000', 'neither a frame nor the end'],
    // Literals of no byte, then more sequences than any block holds, each of the longest match.
    ['endless matches', '28b52ffd 00 38 4d0000 00 ffffff 54 00 00 34 ffff', 'more sequences than bits'],
    // Huffman weights by a table in which one symbol has every state, so that no bit is ever consumed.
    ['endless weights', '28b52ffd 00 38 550000 428001 04 f003 0004 01 00', 'too many Huffman weights'],
  ])('%s ends it', async (_, bytes, why) => {
    const { text, error } = await decompress(hex(bytes));
    expect(text).toBe('');
    expect(error).toBe(`zstd data: ${why}`);
  });

  test('mutated frames end, with an error or without', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(answersFrame.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (changes) => {
          const bytes = answersFrame.slice();
          for (const [at, value] of changes) bytes[at] = value;
          const { text } = await decompress(bytes);
          expect(text.length).toBeLessThan(1 << 22);
        },
      ),
      { seed: 8878, numRuns: 1000 },
    );
  });
});

describe.skipIf(!hasProgram('zstd'))('unzstd of what zstd writes', () => {
  const compress = (bytes: Uint8Array, ...options: string[]): Uint8Array =>
    spawnSync('zstd', ['-q', '-c', ...options], { input: bytes, maxBuffer: 1 << 28 }).stdout;

  /** Text with repetitions near and far, then bytes that do not compress. */
  const sample = (): Uint8Array => {
    const parts: Buffer[] = [];
    let state = 1;
    for (let i = 0; i < 24_000; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      parts.push(
        i < 20_000
          ? Buffer.from(`${(state >>> 20) % 977} ${answers.slice(state % 400, (state % 400) + 20)}`)
          : Buffer.from([state >>> 16, state >>> 24]),
      );
    }
    return Buffer.concat(parts);
  };

  test.each(['--fast=9', '-1', '-3 --no-check', '-9', '-19', '-3 --long=27'])('at %s', async (options) => {
    const bytes = sample();
    const { text, error } = await decompress(compress(bytes, ...options.split(' ')));
    expect(error).toBe('');
    expect(Buffer.compare(Buffer.from(text, 'latin1'), bytes)).toBe(0);
  });

  test('any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(3000)), { maxLength: 20 }),
        fc.constantFrom('-1', '-5', '-19'),
        async (runs, level) => {
          const bytes = concat(runs.flatMap(([part, times]) => new Array<Uint8Array>(times).fill(part)));
          const { text, error } = await decompress(compress(bytes, level), 997);
          expect(error).toBe('');
          expect(Buffer.compare(Buffer.from(text, 'latin1'), bytes)).toBe(0);
        },
      ),
      { seed: 8878, numRuns: 25 },
    );
  });
});
