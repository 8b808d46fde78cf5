import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { chunkSource } from './byte-source.ts';
import { chunked, concat } from './encode.test-helper.ts';
import { gunzip } from './gunzip.ts';

const decompress = async (bytes: Uint8Array, chunkBytes = 1 << 16): Promise<{ text: string; failed: boolean }> => {
  const parts: Buffer[] = [];
  let failed = false;
  try {
    for await (const part of gunzip(chunkSource(chunked(bytes, chunkBytes)))) parts.push(Buffer.from(part));
  } catch (error) {
    expect(error).toMatchObject({ code: 'SONDE_COMPRESSION_BROKEN' });
    failed = true;
  }
  return { text: Buffer.concat(parts).toString('latin1'), failed };
};

/** Does not compress well, so that it comes out in many pieces. */
const text = Array.from({ length: 100_000 }, (_, i) => (i * i).toString(36)).join(' ');
const packed = gzipSync(text);

describe('gunzip', () => {
  test('one member, in pieces of any size', async () => {
    for (const chunkBytes of [3, 8, 1000, 1 << 20]) {
      // Single bytes of a large file would only cost time.
      const [bytes, plain] = chunkBytes < 10 ? [gzipSync(text.slice(0, 9000)), text.slice(0, 9000)] : [packed, text];
      expect(await decompress(bytes, chunkBytes)).toEqual({ text: plain, failed: false });
    }
  });

  test('several members, empty ones among them, and zeros behind the last', async () => {
    const members = [gzipSync('a'), gzipSync(''), packed, gzipSync('b')];
    for (const chunkBytes of [5000, 1 << 20]) {
      expect(await decompress(concat(members), chunkBytes)).toEqual({ text: `a${text}b`, failed: false });
    }
    const tape = concat([...members, new Uint8Array(100_000)]);
    expect(await decompress(tape)).toEqual({ text: `a${text}b`, failed: false });
  });

  test('everything before a truncation', async () => {
    const { text: got, failed } = await decompress(packed.subarray(0, packed.length - 9));
    expect(failed).toBe(true);
    expect(text.startsWith(got)).toBe(true);
    expect(got.length).toBeGreaterThan(text.length - 1000);
  });

  test('everything, where only the checksum is wrong', async () => {
    const bytes = Uint8Array.from(packed);
    bytes[bytes.length - 8]! ^= 1;
    expect(await decompress(bytes)).toEqual({ text, failed: true });
  });

  test('most of what lies before garbage', async () => {
    const bytes = concat([packed, Buffer.from('garbage')]);
    expect(await decompress(bytes)).toMatchObject({ failed: true });
    const middle = Uint8Array.from(packed);
    middle.fill(0xff, packed.length / 2, packed.length / 2 + 100);
    const { text: got, failed } = await decompress(middle);
    expect(failed).toBe(true);
    expect(got.length).toBeGreaterThan(text.length / 4);
  });

  test('a bomb comes in pieces', async () => {
    let largest = 0;
    let total = 0;
    for await (const part of gunzip(chunkSource(chunked(gzipSync(new Uint8Array(1 << 24)), 1 << 20)))) {
      largest = Math.max(largest, part.length);
      total += part.length;
    }
    expect(total).toBe(1 << 24);
    expect(largest).toBeLessThanOrEqual(1 << 17);
  });
});
