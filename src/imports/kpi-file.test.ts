import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { detectRecords } from './detect-records.ts';
import { readKpiFile } from './kpi-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-kpi-'));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (...lines: string[]) => {
  const path = join(folder, 'kpi.csv');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return readKpiFile(path, 'kpi.csv');
};

const day = (number: number): number => Date.UTC(2014, 1, number) * 1000;

test('values come in the order of time, columns may stand in any order, and the dimension may lack', async () => {
  const { values, badLines } = await read(
    'value,at,dimension,name',
    '4.1e5,2014-02-23,apn=internet,sms',
    '400000,2014-02-22,"apn=a,b",sms',
    '-0.5,1393027200,,change',
  );
  expect(badLines).toBe(0);
  expect(values).toEqual([
    { at: day(22), name: 'sms', dimension: 'apn=a,b', value: 400_000 },
    { at: day(22), name: 'change', dimension: '', value: -0.5 },
    { at: day(23), name: 'sms', dimension: 'apn=internet', value: 410_000 },
  ]);
  expect((await read('at,name,value', '2014-02-22T01:00+01:00,sms,7')).values).toEqual([
    { at: day(22), name: 'sms', dimension: '', value: 7 },
  ]);
});

test('lines that cannot be used are counted and told', async () => {
  const { values, badLines, complaints } = await read(
    'at,name,dimension,value',
    'yesterday,sms,,1',
    '2014-02-22,,,1',
    '2014-02-22,sms,,',
    '2014-02-22,sms,,NaN',
    '2014-02-22,sms,,0x10',
    '2014-02-22,sms,,9e999',
    `2014-02-22,${'s'.repeat(201)},,1`,
    '2014-02-22,"sms,,1',
    '',
    '2014-02-22,sms,,1',
  );
  expect(values).toHaveLength(1);
  expect(badLines).toBe(8);
  expect(complaints[0]).toBe("line 2: at 'yesterday' is no time");
  expect(complaints[2]).toBe("line 4: value '' is no number");
  expect(complaints[5]).toBe("line 7: value '9e999' is too large");
});

test.each([
  ['an unknown column', ['at,name,value,unit', '2014-02-22,sms,1,k']],
  ['no line that can be used', ['at,name,value', 'x,sms,1']],
  ['no header', []],
])('a file with %s is refused', async (_, lines) => {
  await expect(read(...lines)).rejects.toMatchObject({ code: 'SONDE_KPI_INVALID' });
});

test('a file is known by its first line', () => {
  const of = (text: string) => detectRecords(new TextEncoder().encode(text));
  expect(of('at,name,dimension,value\n2014')).toBe('kpi');
  expect(of('\uFEFF"Value",Name,At\r\n')).toBe('kpi');
  expect(of('from,address,imsi\n')).toBeUndefined();
  expect(of('')).toBeUndefined();
  expect(detectRecords(Uint8Array.of(0xa1, 0xb2, 0xc3, 0xd4))).toBeUndefined();
});

test('any text is read or refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), async (lines) => {
      const { values, badLines } = await read('at,name,value', ...lines, '2014-02-22,sms,1');
      expect(values.length + badLines).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
});
