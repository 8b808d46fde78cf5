/** What a person may ask of a ClickHouse, and what is refused: by the server, which runs it read-only, or before it gets there. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClickhouseSnapshot } from '../src/store/clickhouse/clickhouse-snapshot.ts';
import { openClickhouse } from '../src/store/clickhouse/clickhouse-store.ts';
import { createTables } from '../src/store/clickhouse/create-tables.ts';
import { tables } from '../src/tickets/index.ts';
import { type ChdbServer, startChdb } from './chdb-server.ts';
import { fingerprint, importFlows } from './clickhouse-fixture.ts';

let server: ChdbServer;
let snapshot: ClickhouseSnapshot;

beforeAll(async () => {
  server = await startChdb();
  const store = await openClickhouse(`clickhouse://127.0.0.1:${server.port}/sonde`, {
    credentials: { user: 'default', password: '' },
    spool: join(server.folder, 'spool'),
  });
  await createTables(store.cluster, tables);
  await store.bindKey(fingerprint);
  await importFlows(store, 'a', 100);
  writeFileSync(join(server.folder, 'secret'), 'do not read');
  await server.ask('CREATE TABLE sonde.others (a Int64) ENGINE = MergeTree ORDER BY a');
  snapshot = await store.snapshot();
});
afterAll(() => server.stop());

const ask = async (sql: string, limits = {}) =>
  (await snapshot.userQuery(sql, {}, { timeMs: 20_000, memoryMb: 512, rows: 1e6, ...limits })).rows();

test.each([
  'SELECT count(*) AS n FROM flows',
  'select 1;',
  'FROM flows SELECT service',
  'WITH a AS (SELECT 1 AS n), b AS (SELECT n FROM a) SELECT n FROM b',
  'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT max(n) FROM r',
  'WITH a AS (SELECT DISTINCT service FROM flows) SELECT count() FROM flows WHERE service IN a',
  'SELECT * FROM (SELECT service FROM flows UNION DISTINCT SELECT service FROM dns) WHERE service NOT IN (SELECT service FROM counters)',
  'SELECT f.service FROM flows AS f LEFT JOIN dns AS d USING (client) CROSS JOIN numbers(3) AS r',
  'SELECT service, uniqExact(fqdn), countIf(up_bytes > 0), quantile(0.5)(up_bytes) FROM flows ARRAY JOIN [1, 2] AS x GROUP BY ALL',
  'SELECT service, sum(up_bytes) OVER (PARTITION BY service ORDER BY started_at) FROM flows LIMIT 1 BY service',
  "SELECT arrayMap(x -> x + 1, [1]), (1, 2).1, CASE WHEN 1 THEN 2 END, 1::Int8 FROM values('a Int64', 1)",
  'SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 2',
  'SELECT * EXCEPT (source) REPLACE (1 AS vantage) FROM flows ORDER BY started_at LIMIT 3 WITH TIES',
  'EXPLAIN SELECT * FROM flows',
  'DESCRIBE TABLE flows',
  'SHOW TABLES',
  "SELECT 'INTO OUTFILE x SETTINGS y' AS words -- FORMAT Null",
])('is answered: %s', async (sql) => {
  expect((await ask(sql)).length).toBeGreaterThan(0);
});

// SECRET stands for a file that is there, TARGET for one to be made.
test.each([
  "SELECT * FROM file('SECRET', LineAsString)",
  "SELECT file('SECRET')",
  "SELECT COLUMNS('a') APPLY(file) FROM (SELECT 'SECRET' AS a)",
  "SELECT COLUMNS('a') APPLY(x -> file(x)) FROM (SELECT 'SECRET' AS a)",
  "SELECT * FROM flows WHERE fqdn IN (SELECT line FROM file('SECRET', LineAsString))",
  "WITH a AS (SELECT * FROM file('SECRET', LineAsString)) SELECT * FROM a",
  "DESCRIBE file('SECRET')",
  "EXPLAIN SELECT * FROM file('SECRET', LineAsString)",
  "SELECT * FROM url('http://127.0.0.1:1/x', LineAsString)",
  "SELECT * FROM remote('127.0.0.1:1', 'sonde', 'flows')",
  "SELECT * FROM s3('http://127.0.0.1:1/bucket/key', LineAsString)",
  "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
  "SELECT * FROM executable('sh', TSV, 'a String', (SELECT 1))",
  "SELECT * FROM merge('sonde', '.*')",
  "SELECT * FROM cluster('default', 'system', 'one')",
  'SELECT * FROM view(SELECT 1)',
  'SELECT * FROM system.tables',
  'SELECT * FROM `system`.`one`',
  'SELECT * FROM `system.one`',
  'SELECT * FROM information_schema.tables',
  'SELECT 1 IN system.one',
  'SELECT 1 GLOBAL NOT IN system.one',
  'SELECT count() FROM flows WHERE source IN sonde.imports_rows',
  'SELECT 1 IN `flows\n      Identifier flows`, 1 IN system.one',
  'SELECT 1 IN `imports\n (children 1)\n     Literal x`',
  'SELECT * FROM flows_rows',
  'SELECT * FROM store_key',
  'SELECT * FROM sonde.others',
  "SELECT joinGet('sonde.others', 'a', 1)",
  "SELECT dictGet('d', 'a', 1)",
  'SELECT hostName(), currentUser()',
  "SELECT getSetting('readonly')",
  'SELECT sleep(3)',
  'SELECT sleepEachRow(3) FROM flows',
  'SELECT 1 SETTINGS max_memory_usage = 0',
  'SELECT 1 SETTINGS readonly = 0',
  'SET readonly = 0',
  "SELECT 1 INTO OUTFILE 'TARGET'",
  "SELECT 1 INTO OUTFILE 'TARGET' FORMAT CSV",
  'SELECT * FROM flows FORMAT Null',
  'INSERT INTO flows_rows (source) VALUES (1)',
  "INSERT INTO FUNCTION file('TARGET', CSV) SELECT 1",
  'CREATE TABLE sonde.x (a Int64) ENGINE = Memory',
  'CREATE TEMPORARY TABLE x (a Int64)',
  'CREATE FUNCTION f AS x -> x',
  'ALTER TABLE sonde.flows_rows DELETE WHERE 1',
  'DROP TABLE sonde.flows_rows',
  'TRUNCATE TABLE sonde.flows_rows',
  'OPTIMIZE TABLE sonde.flows_rows',
  'KILL QUERY WHERE 1',
  'SYSTEM FLUSH LOGS',
  'USE system',
  'SHOW DATABASES',
  'SHOW CREATE TABLE sonde.flows',
  'SHOW TABLES FROM system',
  "BACKUP DATABASE sonde TO Disk('a', 'b')",
  'SELECT 1; DROP TABLE sonde.flows_rows',
  'SELECT 1; SELECT 2',
  '',
  '-- nothing',
])('is refused: %s', async (attack) => {
  const target = join(server.folder, 'target');
  const sql = attack.replaceAll('SECRET', join(server.folder, 'secret')).replaceAll('TARGET', target);
  await expect(ask(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^SONDE_QUERY_(REFUSED|FAILED)$/) });
  expect(existsSync(target)).toBe(false);
});

test.each([
  ['rows', 'SELECT * FROM numbers(100)', { rows: 10 }],
  ['time', 'SELECT count() FROM numbers(1000000000000) WHERE number % 7 = 9', { timeMs: 1000 }],
  ['memory', 'SELECT groupArray(number) AS all FROM numbers(1000000000)', { memoryMb: 64 }],
  ['memory', "SELECT repeat('x', 1000000) AS many FROM numbers(1000000) ORDER BY many", { memoryMb: 64 }],
])('is ended for its %s: %s', async (_, sql, limits) => {
  await expect(ask(sql, limits)).rejects.toMatchObject({ code: 'SONDE_QUERY_LIMIT' });
  expect(await ask('SELECT count() AS n FROM flows')).toEqual([{ n: 100 }]);
});

test('after all of that, nothing is changed', async () => {
  expect(await ask('SELECT count() AS n FROM flows')).toEqual([{ n: 100 }]);
  const names = "SELECT count() FROM system.tables WHERE database = 'sonde'";
  expect(await server.ask(names)).toBe(`${2 * tables.length + 2}\n`);
});

test('ends when nobody waits for it any more', async () => {
  const stop = new AbortController();
  const asked = ask('SELECT count() FROM numbers(1000000000000) WHERE number % 7 = 9', { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('enough')), 200);
  await expect(asked).rejects.toThrow('enough');
});
