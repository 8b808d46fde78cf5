import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { osText } from './os-set.ts';
import { readTacTable } from './tac-table.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-tac-'));
});
afterAll(() => rm(folder, { recursive: true }));

const tableOf = async (content: string) => {
  const file = join(folder, 'handsets.csv');
  await writeFile(file, content);
  return readTacTable(file);
};

test('a TAC, and an IMEI that begins with it, give brand, model and system', async () => {
  const table = await tableOf('tac,brand,model,os\n01332700,Apple,"iPhone 5, 16 GB",iOS 6\n');
  const handset = table.handset('01332700');
  expect(handset?.device).toBe('Apple iPhone 5, 16 GB');
  expect(osText(handset!.systems)).toBe('iOS');
  expect(table.handset('0133270012345678')).toBe(handset);
  expect(table.handset('99999999')).toBeUndefined();
  expect(table.handset('')).toBeUndefined();
  expect(table.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ['Samsung', 'Android 4.4.2', 'Android'],
  ['Nokia', 'Windows Phone 8', 'Windows Phone'],
  ['Nokia', 'Series 40', 'S40'],
  ['Apple', 'iPhone OS', 'iOS'],
  ['BlackBerry', 'BLACKBERRY 10', 'BlackBerry'],
  // The brand tells where the column is empty, unless it had several systems.
  ['Apple', '', 'iOS'],
  ['Research In Motion', '', 'BlackBerry'],
  ['Samsung', '', 'unknown'],
  ['Samsung', 'bada', 'unknown'],
])('system of %s, %s', async (brand, os, expected) => {
  const table = await tableOf(`tac,brand,model,os\n35000000,${brand},X,${os}\n`);
  expect(osText(table.handset('35000000')!.systems)).toBe(expected);
});

test('the column os may be absent, and the later of two lines holds', async () => {
  const table = await tableOf('\uFEFFTAC,Brand,Model\r\n35000000,Nokia,3310\r\n35000000,Nokia,6110\r\n');
  expect(table.handset('35000000')?.device).toBe('Nokia 6110');
});

test.each([
  ['another header', 'imei,brand,model\n', 1],
  ['a TAC of six digits', 'tac,brand,model\n35000000,Nokia,3310\n350000,Nokia,3310\n', 3],
  ['a field too many', 'tac,brand,model\n35000000,Nokia,3310,x\n', 2],
  ['open quotes', 'tac,brand,model\n35000000,"Nokia,3310\n', 2],
])('%s is told with its line', async (_, content, line) => {
  await expect(tableOf(content)).rejects.toMatchObject({ code: 'SONDE_DATABASE_INVALID', fields: { line } });
});

test('a file that is not there is told', async () => {
  await expect(readTacTable(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'SONDE_DATABASE_INVALID' });
});
