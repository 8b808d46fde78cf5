import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { keyOf } from '../privacy/key.ts';
import { ContentDigest } from './content-digest.ts';
import { contentOf, importId, markOf } from './import-id.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-import-id-'));
afterAll(() => rmSync(folder, { recursive: true }));

const key = keyOf(new Uint8Array(32).fill(1));

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const saved = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

test('the digest is of the bytes, however they are cut, of every one of them, and of the key', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (bytes, size, place, difference) => {
        const digest = await contentOf(chunked(bytes, size), key);
        expect(digest).toMatch(/^[0-9a-f]{32}$/);
        const whole = new ContentDigest(key);
        whole.update(bytes);
        expect(whole.digest()).toBe(digest);
        expect(await contentOf(chunked(bytes.subarray(1), size), key)).not.toBe(digest);
        expect(await contentOf(chunked(bytes, size), keyOf(new Uint8Array(32)))).not.toBe(digest);
        const other = bytes.slice();
        other[place % bytes.length]! ^= difference;
        expect(await contentOf(chunked(other, size), key)).not.toBe(digest);
      },
    ),
  );
});

test('a file of several buffers has the digest and the mark of its bytes', async () => {
  const bytes = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * i) >> 7);
  const path = saved('large', bytes);
  expect(await contentOf(path, key)).toBe(await contentOf(chunked(bytes, 999_999), key));
  expect(await markOf(path, bytes.length)).toBe(await markOf(chunked(bytes, 1000), bytes.length));
});

test('the mark is of the size and of how it begins', async () => {
  const bytes = new Uint8Array(100_000);
  const mark = await markOf(saved('zeros', bytes), bytes.length);
  bytes[90_000] = 1;
  expect(await markOf(saved('late', bytes), bytes.length)).toBe(mark);
  expect(await markOf(saved('late', bytes), bytes.length + 1)).not.toBe(mark);
  bytes[60_000] = 1;
  expect(await markOf(saved('early', bytes), bytes.length)).not.toBe(mark);
});

test('an input that cannot be read is told by its path', async () => {
  const none = join(folder, 'none');
  await expect(contentOf(none, key)).rejects.toMatchObject({ code: 'SONDE_INPUT_UNREADABLE' });
  await expect(markOf(none, 1)).rejects.toMatchObject({ code: 'SONDE_INPUT_UNREADABLE' });
});

test('an import is known by what it reads and by options, in whatever order they stand', () => {
  const id = importId('00', { vantage: 'lab', tcpIdle: 1800 });
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(importId('00', { tcpIdle: 1800, vantage: 'lab' })).toBe(id);
  const others = [
    importId('01', { vantage: 'lab', tcpIdle: 1800 }),
    importId('00', { vantage: 'lab', tcpIdle: 1801 }),
    importId('00', { vantage: 'lab' }),
    importId('00', { vantage: 'lab', tcpIdle: '1800' }),
  ];
  expect(new Set([id, ...others]).size).toBe(5);
});
