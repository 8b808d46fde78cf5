/** The commands that keep a store small, and that importing does so by itself. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { contentsOf } from './store-contents.ts';

const CAPTURES = 66;

let box: Sandbox;
beforeAll(async () => {
  box = makeSandbox();
  mkdirSync(join(box.folder, 'captures'));
  for (let i = 0; i < CAPTURES; i++) {
    const path = join(box.folder, 'captures', `${String(i).padStart(2, '0')}.pcap`);
    writePcap(path, plantedWhatsApp({ seed: i, clients: 1, hours: 1 }).frames);
  }
  await box.run(['import', 'captures', '--db', 'store']);
}, 120_000);
afterAll(() => box.remove());

const rowsOf = async (args: readonly string[]): Promise<Record<string, unknown>[]> =>
  JSON.parse((await box.run([...args, '--db', 'store', '--format', 'json'])).out);
const store = (): string => join(box.folder, 'store');
const segments = (table: string): number =>
  readdirSync(join(store(), table)).filter((name) => name.endsWith('.parquet')).length;
const operations = async (): Promise<unknown[]> =>
  (await rowsOf(['db', 'history'])).map(({ operation }) => operation).filter((name) => name !== 'import');

test('many small imports are merged while they are made', async () => {
  expect(await operations()).toContain('compact');
  expect(await box.ask('store', 'SELECT count(*) AS n FROM imports')).toEqual([{ n: CAPTURES }]);
});

test('compact tells what it merged, and changes no row', async () => {
  const before = await contentsOf(store());
  const merged = await rowsOf(['db', 'compact']);
  expect(merged.map(({ table }) => table)).toContain('flows');
  expect(Object.keys(merged[0]!)).toEqual(['table', 'segments', 'into', 'rows', 'bytes_before', 'bytes_after']);
  expect(await contentsOf(store())).toEqual(before);
  expect(await rowsOf(['db', 'compact'])).toEqual([]);
});

test('vacuum leaves for an hour what was replaced, or as long as it is told', async () => {
  const before = segments('flows');
  expect(await rowsOf(['db', 'vacuum'])).toEqual([{ files: 0, bytes: 0 }]);
  expect(segments('flows')).toBe(before);
  const [gone] = await rowsOf(['db', 'vacuum', '--grace', '0']);
  expect(gone!.files).toBeGreaterThan(CAPTURES);
  expect(segments('flows')).toBe(1);
});

test('retain needs to be told how much, and what it takes is not imported again', async () => {
  const { code, err } = await box.sonde(['db', 'retain', '--db', 'store']);
  expect([code, err]).toEqual([2, expect.stringContaining('nothing says how much to keep')]);
  expect(await rowsOf(['db', 'retain', '--age', '1'])).toEqual([]);
  await rowsOf(['db', 'retain', '--size', '0.000001']);
  const again = await box.run(['import', 'captures', '--db', 'store']);
  expect(again.err.match(/already imported/g)).toHaveLength(CAPTURES);
});
