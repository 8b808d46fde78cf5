import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../packet/address.ts';
import type { FedSession } from '../packet/session-feed.ts';
import { readSessionFile } from './session-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-sessions-'));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (...lines: string[]) => {
  const path = join(folder, 'sessions.csv');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return readSessionFile(path);
};

const T = Date.UTC(2014, 1, 22, 18) * 1000;
const HEADER = 'from,until,address,imsi,msisdn,imei,apn,rat,cell,plmn';

const nobody = { imsi: '', msisdn: '', imei: '', userName: '', apn: '', rat: '', cell: '', plmn: '' };

test('a line tells a session; the columns may stand in any order', async () => {
  const { feed, badLines } = await read(
    'plmn,address,imei,until,from,imsi,user,msisdn,apn,rat,cell',
    '23201,10.1.0.1,356938030000010,2014-02-22T19:00:00Z,2014-02-22T18:00:00Z,001010000000001,anna,+43 660-0000001,Internet,6,"cgi 232-01-1-2"',
    '232-01,"10.1.0.2 2001:db8:1:2::/64",,,1393092000.5,232010000000002,,,,UTRAN,',
  );
  expect(badLines).toBe(0);
  expect(feed.size).toBe(2);
  expect(feed.session(0)).toEqual<FedSession>({
    from: T,
    until: T + 3600e6,
    imsi: '001010000000001',
    msisdn: '436600000001',
    imei: '35693803000001',
    userName: 'anna',
    apn: 'internet',
    rat: 'EUTRAN',
    cell: 'cgi 232-01-1-2',
    plmn: '232-01',
    ipv4: parseAddress('10.1.0.1'),
    ipv6: undefined,
  });
  expect(feed.session(1)).toEqual<FedSession>({
    ...nobody,
    from: T + 5e5,
    until: Number.POSITIVE_INFINITY,
    imsi: '232010000000002',
    rat: 'UTRAN',
    plmn: '232-01',
    ipv4: parseAddress('10.1.0.2'),
    ipv6: parseAddress('2001:db8:1:2::'),
  });
});

test.each([
  ['2014-02-22T18:00:00Z', T],
  ['2014-02-22 18:00:00.25', T + 250_000],
  ['2014-02-22T19:00+01:00', T],
  ['2014-02-22T13:30:00-0430', T],
  ['2014-02-22', T - 18 * 3600e6],
  ['1393092000', T],
])('%s is a time', async (text, at) => {
  const { feed } = await read(HEADER, `${text},,10.1.0.1,232010000000001,,,,,,`);
  expect(feed.from(0)).toBe(at);
});

test('times give the order, not lines', async () => {
  const line = (from: string, until: string) => `${from},${until},10.1.0.1,232010000000001,,,,,,`;
  const { feed } = await read(HEADER, line('30', ''), line('10', '25'), line('20', '21'), line('10', ''));
  expect([...feed.byStart]).toEqual([1, 3, 2, 0]);
  expect([...feed.byEnd]).toEqual([2, 1, 0, 3]);
});

test('bad lines are counted and the first are told by their numbers', async () => {
  const good = '10,,10.1.0.1,232010000000001,,,,,,';
  const { feed, badLines, complaints } = await read(
    HEADER,
    good,
    'yesterday,,10.1.0.1,232010000000001,,,,,,',
    '10,5,10.1.0.1,232010000000001,,,,,,',
    '10,,10.1.0.300,232010000000001,,,,,,',
    '10,,10.1.0.1,,,,,,,',
    '10,,10.1.0.1,23201x,,,,,,',
    '10,,10.1.0.1,232010000000001,12x,,,,,',
    '10,,10.1.0.1,232010000000001,,1234,,,,',
    '10,,"10.1.0.1,232010000000001,,,,,,',
    `10,,10.1.0.1,232010000000001,,,${'x'.repeat(20_000)},,,`,
    '1970-01-01 00:30:00+01:00,,10.1.0.1,232010000000001,,,,,,',
    '',
    good,
  );
  expect(feed.size).toBe(2);
  expect(badLines).toBe(10);
  expect(complaints).toEqual([
    "line 3: from 'yesterday' is no time",
    'line 4: it ends before it begins',
    "line 5: '10.1.0.300' is no address",
    'line 6: it names no subscriber',
    'line 7: the IMSI is not 6 to 15 digits',
    'line 8: the MSISDN is not 3 to 15 digits',
    'line 9: the IMEI is not 14 to 16 digits, nor the TAC 8',
    'line 10: it is too long, or its quotes do not match',
    'line 11: it is too long, or its quotes do not match',
    "line 12: from '1970-01-01 00:30:00+01:00' is no time",
  ]);
});

describe('an error is', () => {
  test.each([
    ['a header without needed columns', ['from,imsi', '1,2']],
    ['a column that nobody knows', ['from,address,imsi,colour', '10,10.1.0.1,232010000000001,red']],
    ['a file without a usable line', [HEADER, 'x,,,,,,,,,']],
    ['an empty file', ['']],
  ])('%s', async (_, lines) => {
    await expect(read(...lines)).rejects.toMatchObject({ code: 'SONDE_SESSIONS_INVALID' });
  });

  test('a file that is not there', async () => {
    await expect(readSessionFile(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'SONDE_INPUT_UNREADABLE' });
  });
});

test('any text is read or refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { maxLength: 5 }), async (lines) => {
      const { feed, badLines } = await read(HEADER, '10,,10.1.0.1,232010000000001,,,,,,', ...lines);
      expect(feed.size).toBeGreaterThan(0);
      expect(badLines).toBeLessThanOrEqual(lines.join('\n').split('\n').length);
    }),
    { numRuns: 200 },
  );
});
