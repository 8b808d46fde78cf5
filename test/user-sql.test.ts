/** What a person may ask ends at its limits, says which one it was, and leaves the store as it is. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Snapshot } from '../src/store/index.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { addFlows } from './store-fixture.ts';
import { filesBelow } from './stored-bytes.ts';

let box: Sandbox;
let snapshot: Snapshot;
let before: readonly string[];

const digests = (): readonly string[] =>
  filesBelow(join(box.folder, 'store')).map(
    (path) => `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`,
  );

beforeAll(async () => {
  box = makeSandbox();
  const store = await openStore(join(box.folder, 'store'), { threads: 1, memoryMb: 128 });
  await store.bindKey('0123456789abcdef');
  await addFlows(store, 'a', 1000);
  snapshot = await store.snapshot();
  before = digests();
});
afterAll(async () => {
  expect(digests()).toEqual(before);
  await snapshot.close();
  box.remove();
});

const limits = { rows: 100_000, timeMs: 500 };
/** For what is to end by its memory, however slow the machine is. */
const patient = { ...limits, timeMs: 30_000 };
const time = 'the query took longer than 500 ms';
const memory = 'the query needs more memory than it may use';
const rows = 'the query gives more than 100000 rows';
const trillion = 'range(1000000000000)';
/** A text of so many letters. */
const text = (length: number): string => `(SELECT string_agg('a', '') AS s FROM range(${length}))`;

const endless: readonly (readonly [sql: string, limit: string | RegExp])[] = [
  ['SELECT count(*) FROM flows a, flows b, flows c, flows d', time],
  [`SELECT count(DISTINCT range) FROM ${trillion}`, time],
  [`SELECT range FROM ${trillion} ORDER BY hash(range) LIMIT 5`, time],
  ['WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r', time],
  ['EXPLAIN ANALYZE SELECT count(*) FROM flows a, flows b, flows c, flows d', time],
  // In one call of the engine, which looks for its end only after it.
  [`SELECT levenshtein(s, s) FROM ${text(40_000)}`, time],
  // Between two batches of rows: the rest is not left out in silence.
  ['SELECT * FROM flows a, flows b, flows c', time],
  [`SELECT * FROM ${trillion}`, rows],
  [`SELECT unnest([1, 2, 3]) FROM ${trillion}`, rows],
  [`SELECT len(list(range)) FROM ${trillion}`, memory],
  [`SELECT length(string_agg('a long text', '')) FROM ${trillion}`, memory],
  ["WITH RECURSIVE r AS (SELECT 'x' AS s UNION ALL SELECT s || s FROM r) SELECT max(length(s)) FROM r", memory],
  // What the engine itself keeps no account of.
  [`SELECT length(list_reduce([${"'x', ".repeat(31)}'x'], lambda a, b: a || a))`, /memory|longer/],
];

describe('a query without end is ended', () => {
  test.each(endless)('%s', async (sql, limit) => {
    const began = performance.now();
    const ask = async () => (await snapshot.userQuery(sql, {}, limit === memory ? patient : limits)).rows();
    await expect(ask()).rejects.toMatchObject({
      code: 'SONDE_QUERY_LIMIT',
      message: typeof limit === 'string' ? limit : expect.stringMatching(limit),
      hint: expect.stringContaining('narrow it down'),
    });
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  test('by the program too, and by a signal, and the next one works', async () => {
    const sql = `SELECT levenshtein(s, s) FROM ${text(400_000)}`;
    const { out, err } = await box.sonde(['query', sql, '--db', 'store', '--timeout', '1']);
    expect([out, err]).toEqual(['', expect.stringContaining('longer than 1000 ms (SONDE_QUERY_LIMIT)')]);
    const asked = snapshot.userQuery(
      'SELECT count(*) FROM flows a, flows b, flows c, flows d',
      {},
      {
        signal: AbortSignal.timeout(300),
      },
    );
    await expect(asked.then((result) => result.rows())).rejects.toThrow('timeout');
    expect(await (await snapshot.userQuery('SELECT count(*) AS n FROM flows', {}, limits)).rows()).toEqual([
      { n: 1000 },
    ]);
  });
});
