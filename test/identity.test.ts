/** Which captures are the same: every byte counts, and no more of them are read than tell. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { makeSandbox } from './command-line.ts';

const box = makeSandbox();
afterAll(() => box.remove());

const path = (name: string): string => join(box.folder, name);

beforeAll(() => {
  writePcap(path('one.pcap'), plantedWhatsApp({ seed: 3, clients: 6, hours: 1 }).frames);
  // Of the same size, and other than the first only far behind.
  const bytes = readFileSync(path('one.pcap'));
  expect(bytes.length).toBeGreaterThan(1 << 17);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path('alike.pcap'), bytes);
});

const run = async (args: readonly string[], input?: Uint8Array): Promise<string> =>
  (await box.run(args, input === undefined ? {} : { input })).err;

const importsOf = (db: string) => box.ask(db, 'SELECT id FROM imports');

const perImport =
  'SELECT i.name, count(*) AS n FROM flows f JOIN imports i ON f.source = i.id GROUP BY i.name ORDER BY i.name';

test('captures that begin alike are imports of their own, each once', async () => {
  const [one, alike] = ['one.pcap', 'alike.pcap'].map(path) as [string, string];
  for (const file of [one, alike]) expect(await run(['import', file, '--db', 'files'])).not.toContain('already');
  const rows = await box.ask('files', perImport);
  expect(rows).toEqual([
    { name: 'alike.pcap', n: expect.any(Number) },
    { name: 'one.pcap', n: expect.any(Number) },
  ]);
  for (const file of [one, alike]) expect(await run(['import', file, '--db', 'files'])).toContain('already imported');
  for (const file of [one, alike]) {
    expect(await run(['import', '-', '--db', 'files'], readFileSync(file))).toBe('-: already imported\n');
  }
  expect(await run(['import', alike, '--db', 'files', '--udp-idle', '60'])).not.toContain('already');
  expect(await importsOf('files')).toHaveLength(3);
});

test('the same holds of a stream that goes on', async () => {
  const [one, alike] = ['one.pcap', 'alike.pcap'].map(path) as [string, string];
  const options = ['--continue', '--db', 'stream'];
  for (const file of [one, alike]) expect(await run(['import', file, ...options])).not.toContain('already');
  for (const file of [alike, one]) {
    expect(await run(['import', file, ...options, '--udp-idle', '60'])).toContain('already imported');
  }
  expect(await importsOf('stream')).toHaveLength(2);
});

test('the SHA-256 of a capture is noted where it is asked for', async () => {
  await run(['import', path('one.pcap'), '--db', 'hashed', '--sha256']);
  await run(['import', path('alike.pcap'), '--db', 'hashed']);
  const sha256 = createHash('sha256')
    .update(readFileSync(path('one.pcap')))
    .digest('hex');
  expect(await box.ask('hashed', 'SELECT name, sha256 FROM imports ORDER BY name')).toEqual([
    { name: 'alike.pcap', sha256: '' },
    { name: 'one.pcap', sha256 },
  ]);
});
