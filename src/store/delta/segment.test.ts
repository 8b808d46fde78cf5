import { expect, test } from 'vitest';
import { bursts, counters, dns, flows, http, imports } from '../../tickets/index.ts';
import { addAction, clocks, parseAdd, parsePath, transactionTags } from './segment.ts';

test('the two clocks of each table', () => {
  expect([flows, dns, http, bursts, counters, imports].map(clocks)).toEqual([
    ['reported_at', 'started_at'],
    ['reported_at', 'asked_at'],
    ['reported_at', 'requested_at'],
    ['reported_at', 'started_at'],
    ['reported_at', 'minute_at'],
    ['reported_at', 'first_at'],
  ]);
});

const segment = {
  table: 'flows',
  file: 'a.parquet',
  bytes: 123,
  rows: 7,
  sha256: 'c0ffee',
  columns: 92,
  times: { reported_at: [1393092000000001, 1393092060000000] },
  hours: new Map([[1393092000000000, 7]]),
} as const;

test('an add action tells size, rows, the range of the clocks, and the hash', () => {
  expect(addAction(segment, 1700000000000, true, { appId: 'import:x:', version: 1 })).toEqual({
    add: {
      path: 'a.parquet',
      partitionValues: {},
      size: 123,
      modificationTime: 1700000000000,
      dataChange: true,
      stats:
        '{"numRecords":7,"minValues":{"reported_at":"2014-02-22T18:00:00.000001"},"maxValues":{"reported_at":"2014-02-22T18:01:00.000000"}}',
      tags: { sha256: 'c0ffee', columns: '92', hours: '386970:7', application: 'import:x:', applicationVersion: '1' },
    },
  });
});

test('what was written is read; what another program left out is taken from the table', () => {
  expect(
    parseAdd(addAction(segment, 1700000000000, false, { appId: 'import:x', version: 1 }).add!, 95, undefined),
  ).toEqual({
    file: 'a.parquet',
    bytes: 123,
    rows: 7,
    sha256: 'c0ffee',
    columns: 92,
    times: { reported_at: [1393092000000001, 1393092060000000] },
    hours: new Map([[1393092000000000, 7]]),
    addedAt: 1700000000000,
    transaction: { appId: 'import:x', version: 1 },
  });
  expect(parseAdd({ path: 'day=1/b%20c.parquet', size: 5, stats: '{' }, 95, undefined)).toEqual({
    file: 'day=1/b c.parquet',
    bytes: 5,
    rows: undefined,
    sha256: undefined,
    columns: 95,
    times: undefined,
    hours: undefined,
    addedAt: 0,
    transaction: undefined,
  });
});

test('the add action of a checkpoint tells its transaction', () => {
  const { add } = addAction(segment, 0, false, undefined);
  const stream = { appId: 'stream:x', version: 3 };
  const other = { appId: 'import:first', version: 1 };
  for (const transaction of [stream, undefined]) {
    const tagged = { ...add, tags: { ...(add!.tags as object), ...transactionTags(transaction) } };
    expect(parseAdd(tagged, 95, other)?.transaction).toEqual(transaction);
  }
});

test('a range that another program cut at milliseconds is as wide as it may have been', () => {
  const stats = (text: string) => ({
    numRecords: 1,
    minValues: { at: text, name: 'a' },
    maxValues: { at: text, name: 'b' },
  });
  const timesOf = (text: string) =>
    parseAdd({ path: 'a.parquet', size: 5, stats: JSON.stringify(stats(text)) }, 95, undefined)?.times;
  expect(timesOf('2014-02-22T18:00:00.123')).toEqual({ at: [1393092000123000, 1393092000123999] });
  expect(timesOf('2014-02-22T18:00:00Z')).toEqual({ at: [1393092000000000, 1393092000999999] });
  expect(timesOf('1969-12-31T23:59:59.999999')).toEqual({ at: [-1, -1] });
  expect(timesOf('2014-13-22T18:00:00')).toEqual({});
  expect(timesOf('22 February')).toEqual({});
});

test('a path that leads out of the folder, or that an engine would expand, is none', () => {
  const stray = [
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a/..',
    's3://b/x',
    'file:x',
    '%2e%2e/x',
    '*.parquet',
    'a[1]',
    '',
    '%',
    7,
  ];
  expect(stray.map(parsePath)).toEqual(stray.map(() => undefined));
  expect(parsePath('a..b/c.parquet')).toBe('a..b/c.parquet');
});
