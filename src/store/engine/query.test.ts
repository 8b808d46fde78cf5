import { expect, test } from 'vitest';
import { snapshotOf, temporaryStore } from '../../../test/store-fixture.ts';

const snapshotOfNothing = async () => snapshotOf(await temporaryStore({ memoryMb: 64, threads: 1 }));

test('values are plain: times in microseconds, counts as numbers up to 2^53, lists as arrays, NULL and NaN as null', async () => {
  const snapshot = await snapshotOfNothing();
  const result = await snapshot.query(
    `SELECT TIMESTAMP '2014-02-22 18:00:00.000001' AS at, DATE '1970-01-02' AS day, sum(x) AS total,
       9007199254740993 AS big, NULL::BIGINT AS nothing, 'NaN'::DOUBLE AS nan, 1.25 AS decimal, true AS flag,
       ['a'] AS texts, [TIMESTAMP '1970-01-01 00:00:01'] AS times, [[1]] AS nested, INTERVAL 1 DAY AS step, 1 AS "at"
     FROM (VALUES (1::BIGINT), (2)) t(x)`,
  );
  expect(await result.rows()).toEqual([
    {
      at: 1393092000000001,
      day: 86_400e6,
      total: 3,
      big: '9007199254740993',
      nothing: null,
      nan: null,
      decimal: 1.25,
      flag: true,
      texts: ['a'],
      times: [1e6],
      nested: [[1]],
      step: '1 day',
      'at:1': 1,
    },
  ]);
  expect(result.columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    'at time',
    'day time',
    'total count',
    'big count',
    'nothing count',
    'nan real',
    'decimal real',
    'flag flag',
    'texts texts',
    'times times',
    'nested other',
    'step other',
    'at:1 count',
  ]);
});

test('rows come in chunks, and whoever stops early ends the query', async () => {
  const snapshot = await snapshotOfNothing();
  const sizes: number[] = [];
  for await (const rows of await snapshot.query('SELECT range AS n FROM range(1000000000000)')) {
    sizes.push(rows.length);
    if (sizes.length === 3) break;
  }
  expect(sizes).toEqual([2048, 2048, 2048]);
});

test('after as many rows as allowed the next one is an error', async () => {
  const snapshot = await snapshotOfNothing();
  const rows: unknown[] = [];
  const take = async () => {
    for await (const chunk of await snapshot.query('SELECT range AS n FROM range(5000)', {}, { rows: 3000 }))
      rows.push(...chunk);
  };
  await expect(take()).rejects.toMatchObject({
    code: 'SONDE_QUERY_LIMIT',
    message: 'the query gives more than 3000 rows',
  });
  expect(rows).toHaveLength(3000);
  const exact = await snapshot.query('SELECT range AS n FROM range(3000)', {}, { rows: 3000 });
  expect(await exact.rows()).toHaveLength(3000);
});

const endless = 'SELECT count(*) AS n FROM range(1000000000) a, range(1000000000) b WHERE hash(a.range, b.range) = 1';

test('a query that takes too long is ended', async () => {
  const snapshot = await snapshotOfNothing();
  const started = performance.now();
  const run = async () => (await snapshot.query(endless, {}, { timeMs: 200 })).rows();
  await expect(run()).rejects.toMatchObject({
    code: 'SONDE_QUERY_LIMIT',
    message: 'the query took longer than 200 ms',
  });
  expect(performance.now() - started).toBeLessThan(5000);
});

test('a query is ended from outside, before or while it runs', async () => {
  const snapshot = await snapshotOfNothing();
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('the page was closed')), 100);
  const run = async () => (await snapshot.query(endless, {}, { signal: controller.signal })).rows();
  await expect(run()).rejects.toThrow('the page was closed');
  await expect(run()).rejects.toThrow('the page was closed');
});

test('a query that needs too much memory is ended, and the next one works', async () => {
  const snapshot = await snapshotOfNothing();
  const greedy = async () => (await snapshot.query('SELECT len(list(range)) AS n FROM range(200000000)')).rows();
  await expect(greedy()).rejects.toMatchObject({ code: 'SONDE_QUERY_LIMIT' });
  expect(await (await snapshot.query('SELECT 1 AS n')).rows()).toEqual([{ n: 1 }]);
});

test('a wrong query says what is wrong with it', async () => {
  const snapshot = await snapshotOfNothing();
  await expect(snapshot.query('SELECT fqdm FROM flows')).rejects.toMatchObject({
    code: 'SONDE_QUERY_FAILED',
    message: expect.stringContaining('"fqdn"'),
  });
});
