import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { hashContent, importId } from './import-id.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-import-id-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the hash is that of the bytes of all inputs, one after the other', async () => {
  const file = join(folder, 'a');
  writeFileSync(file, 'first, ');
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('sec');
    yield Buffer.from('ond');
  }
  expect(await hashContent([file, chunks()])).toEqual({
    sha256: createHash('sha256').update('first, second').digest('hex'),
    byteCount: 13,
  });
});

test('an input that cannot be read is told by its path', async () => {
  await expect(hashContent([join(folder, 'none')])).rejects.toMatchObject({ code: 'SONDE_INPUT_UNREADABLE' });
});

test('an import is known by content and options, in whatever order they stand', () => {
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
