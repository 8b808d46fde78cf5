import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AddressTables } from './address-tables.ts';
import { type DefaultData, findDefaultData } from './default-data.ts';
import { loadTables } from './load-tables.ts';

let folder: string;
let cache: string;
let data: DefaultData;
let path: string;
let compiled: AddressTables;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-tables-'));
  cache = join(folder, 'new', 'cache');
  // A few ranges in place of half a million, for speed; the countries are the real ones.
  const systems4 = join(folder, 'ipv4.csv');
  const systems6 = join(folder, 'ipv6.csv');
  await writeFile(systems4, '16777216,16777471,13335,"Cloudflare, Inc."\n16778240,16779263,38803,Gtelecom Pty Ltd\n');
  await writeFile(systems6, '42540488161975842760550356425300246528,42540488241204005274814694018844196863,6939,HE\n');
  data = { ...(await findDefaultData()), systems: [systems4, systems6] };
  path = join(cache, `addresses-${data.fingerprint}.bin`);
  compiled = await loadTables(data, cache);
});
afterAll(() => rm(folder, { recursive: true }));

const sameTables = (a: AddressTables, b: AddressTables): boolean =>
  Buffer.compare(a.orgText, b.orgText) === 0 &&
  a.asns.length === b.asns.length &&
  a.ipv6.countries.starts.every((word, i) => word === b.ipv6.countries.starts[i]);

test('the first load compiles and leaves one file, which the next load takes', async () => {
  expect(await readdir(cache)).toEqual([`addresses-${data.fingerprint}.bin`]);
  const nowhere: DefaultData = { ...data, systems: ['/nonexistent', '/nonexistent'] };
  expect(sameTables(await loadTables(nowhere, cache), compiled)).toBe(true);
});

test.each([
  ['a flipped bit', (bytes: Buffer) => bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1)],
  ['a lost tail', (bytes: Buffer) => bytes.subarray(0, -1)],
  ['an empty file', () => new Uint8Array()],
])('%s is noticed, and the file made anew', async (_name, damage) => {
  const whole = await readFile(path);
  await writeFile(path, damage(whole));
  expect(sameTables(await loadTables(data, cache), compiled)).toBe(true);
  expect((await readFile(path)).equals(whole)).toBe(true);
});

test('a cache folder that cannot be written is done without', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  expect(sameTables(await loadTables(data, join(file, 'cache')), compiled)).toBe(true);
});

test.each(['systems', 'countries'] as const)('%s that are no such file are an error that names it', async (part) => {
  const junk = join(folder, 'junk');
  await writeFile(junk, 'not a database');
  const broken = { ...data, [part]: [junk, junk] };
  await expect(loadTables(broken, join(folder, 'other'))).rejects.toMatchObject({
    code: 'SONDE_DATABASE_INVALID',
    fields: expect.objectContaining({ file: junk }),
  });
});
