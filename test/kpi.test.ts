/** Counters of other systems through the program: known by their first line, stored once, and no measurement of traffic. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeSandbox, type Sandbox } from './command-line.ts';

let box: Sandbox;
beforeEach(() => {
  box = makeSandbox();
});
afterEach(() => box.remove());

const rows = async (sql: string): Promise<Record<string, unknown>[]> => {
  const { code, out, err } = await box.sonde(['query', '--format', 'json', sql]);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
};

test('values become rows, with what was not used told and counted, and the same file counts once', async () => {
  const path = join(box.folder, 'sms.csv');
  writeFileSync(
    path,
    'at,name,dimension,value\n2014-02-23,sms,apn=internet,390000.5\n2014-02-22,sms,10.0.0.7,400000\nx,sms,,1\n',
  );
  const first = await box.sonde(['import', path]);
  expect(first.code).toBe(3);
  expect(first.err).toContain("sms.csv: 2 values; 1 line not used: line 4: at 'x' is no time");
  expect((await box.sonde(['import', path])).err).toContain('sms.csv: already imported');
  const found = await rows('SELECT counted_at, name, dimension, value FROM kpi ORDER BY counted_at');
  expect(found).toMatchObject([
    { counted_at: '2014-02-22T00:00:00.000000Z', name: 'sms', value: 400000 },
    { counted_at: '2014-02-23T00:00:00.000000Z', name: 'sms', dimension: 'apn=internet', value: 390000.5 },
  ]);
  // An address of a client is nobody's business here either.
  expect(found[0]!.dimension).not.toBe('10.0.0.7');
  expect(await rows('SELECT kind, name, row_count, malformed, reasons FROM imports')).toEqual([
    { kind: 'kpi', name: 'sms.csv', row_count: 2, malformed: 1, reasons: 'kpi-line=1' },
  ]);
});
