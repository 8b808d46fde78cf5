import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFlows } from '../../../test/store-fixture.ts';
import type { Snapshot } from '../snapshot.ts';
import { openStore } from '../store.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-test-'));
const secret = join(folder, 'secret.csv');
const target = join(folder, 'target');
let snapshot: Snapshot;
let segment: string;

beforeAll(async () => {
  writeFileSync(secret, 'do,not,read\n1,2,3\n');
  const store = await openStore(join(folder, 'store'), { threads: 1, memoryMb: 128 });
  await store.bindKey('0123456789abcdef');
  await addFlows(store, 'a', 5);
  snapshot = await store.snapshot();
  const flows = join(store.path, 'flows');
  segment = join(flows, readdirSync(flows).find((name) => name.endsWith('.parquet'))!);
});

afterAll(async () => {
  await snapshot.close();
  rmSync(folder, { recursive: true });
});

const ask = async (sql: string) => (await snapshot.userQuery(sql)).rows();

const allowed = [
  'SELECT count(*) AS n FROM flows',
  'select 1;',
  'FROM flows',
  'TABLE flows',
  'VALUES (1), (2)',
  'WITH a AS (SELECT 1 AS n), b AS (SELECT n FROM a) SELECT n FROM b',
  'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT max(n) FROM r',
  'SELECT * FROM (SELECT service FROM flows UNION SELECT service FROM dns) WHERE service NOT IN (SELECT service FROM counters)',
  'SELECT f.service FROM flows f LEFT JOIN dns d USING (client) CROSS JOIN range(3) r WHERE NOT EXISTS (FROM http h WHERE h.flow_id = f.flow_id)',
  'SELECT service, uniqExact(fqdn), countIf(up_bytes > 0) FROM flows LEFT JOIN unnest(dns_candidates) ON true GROUP BY ALL',
  'SELECT service, sum(up_bytes) OVER (PARTITION BY service ORDER BY started_at) FROM Flows QUALIFY row_number() OVER () < 9',
  'EXPLAIN SELECT * FROM flows',
  'explain analyze SELECT count(*) FROM flows',
  'DESCRIBE flows',
  'DESCRIBE SELECT fqdn FROM flows',
  'SUMMARIZE flows',
  'SHOW TABLES',
  "SELECT list_transform([1, 2], lambda x: x + 1), {'a': 1}, struct_pack(a := 1), json_extract('{\"a\": 1}', '$.a')",
  'SELECT toStartOfInterval(started_at, toIntervalSecond(60)) AS t, sum(up_bytes) FROM flows GROUP BY t ORDER BY t LIMIT 5',
  "FROM flows PIVOT (sum(up_bytes) FOR service IN ('WhatsApp', 'other') GROUP BY client)",
  "SELECT 'COPY flows TO x; ATTACH y' AS words -- PRAGMA version",
  "SELECT COLUMNS(lambda name: name = 'fqdn') FROM flows",
  'SELECT * EXCLUDE (source) REPLACE (upper(fqdn) AS fqdn) FROM flows',
  'UNPIVOT flows ON up_bytes',
  'SELECT * FROM (SUMMARIZE flows)',
  'WITH read_text AS (SELECT 1 AS n), "/etc/passwd" AS (SELECT n FROM read_text) FROM "/etc/passwd"',
  'SELECT 1 /* ; COPY flows TO x */',
];

test.each(allowed)('is answered: %s', async (sql) => {
  expect((await ask(sql)).length).toBeGreaterThan(0);
});

// SECRET stands for a readable file outside of the store, SEGMENT for one inside, TARGET for a file to be made.
const attacks = [
  "SELECT * FROM read_text('SECRET')",
  "SELECT * FROM READ_BLOB('SECRET')",
  "SELECT * FROM read_csv('SECRET', header = false)",
  "SELECT * FROM read_csv_auto('SECRET')",
  "SELECT * FROM read_json('SECRET')",
  "SELECT * FROM read_ndjson_objects('SECRET')",
  "SELECT * FROM read_parquet('SEGMENT')",
  "SELECT * FROM parquet_scan('SEGMENT')",
  "SELECT * FROM parquet_metadata('SEGMENT')",
  "SELECT * FROM read_text('SEGMENT')",
  "SELECT * FROM glob('/etc/*')",
  "SELECT * FROM sniff_csv('SECRET')",
  "SELECT * FROM 'SECRET'",
  'SELECT * FROM "SECRET"',
  "SELECT * FROM 'SEGMENT'",
  'FROM flows, (WITH "SEGMENT" AS (SELECT 1) SELECT * FROM "SEGMENT"), \'SEGMENT\'',
  "SELECT (SELECT content FROM read_text('SECRET'))",
  "SELECT * FROM flows WHERE fqdn IN (SELECT content FROM read_text('SECRET'))",
  "SELECT * FROM flows ORDER BY (SELECT max(content) FROM read_text('SECRET'))",
  "WITH a AS (SELECT * FROM read_text('SECRET')) SELECT 1",
  'WITH a AS (SELECT * FROM duckdb_settings), duckdb_settings AS (SELECT 1) SELECT * FROM a',
  "EXPLAIN SELECT * FROM read_text('SECRET')",
  "EXPLAIN ANALYZE COPY flows TO 'TARGET'",
  "EXPLAIN (ANALYZE) COPY flows TO 'TARGET'",
  "DESCRIBE SELECT * FROM read_csv('SECRET')",
  "SUMMARIZE SELECT * FROM 'SECRET'",
  "COPY flows TO 'TARGET'",
  "COPY (SELECT 1) TO 'SEGMENT' (FORMAT parquet)",
  "COPY flows FROM 'SECRET'",
  "EXPORT DATABASE 'TARGET'",
  "IMPORT DATABASE 'TARGET'",
  "ATTACH 'TARGET' AS x",
  'DETACH memory',
  'USE memory',
  'SET enable_external_access = true',
  'RESET lock_configuration',
  'SET VARIABLE x = 1',
  "SELECT getvariable('x')",
  "SELECT current_setting('temp_directory')",
  'PRAGMA database_list',
  'PRAGMA enable_profiling',
  'CALL enable_logging()',
  'SELECT * FROM pragma_version()',
  'SELECT * FROM duckdb_settings()',
  'SELECT * FROM duckdb_secrets()',
  'SELECT * FROM duckdb_views',
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM pg_catalog.pg_class',
  'SELECT * FROM sqlite_master',
  'SELECT * FROM memory.main.flows',
  'SELECT pg_get_viewdef(1)',
  'SHOW DATABASES',
  'SHOW ALL TABLES FROM x',
  'INSTALL httpfs',
  'LOAD httpfs',
  "LOAD 'TARGET'",
  'CREATE TABLE x AS SELECT 1',
  'CREATE VIEW x AS SELECT 1',
  'CREATE MACRO flows() AS 1',
  'CREATE SECRET s (TYPE s3)',
  'DROP VIEW flows',
  'INSERT INTO flows VALUES (1)',
  'DELETE FROM flows',
  'UPDATE flows SET fqdn = 1',
  'CHECKPOINT',
  'VACUUM',
  'BEGIN',
  'PREPARE p AS SELECT 1',
  'EXECUTE p',
  "SELECT 1; COPY flows TO 'TARGET'",
  'SELECT 1; SELECT 2',
  "SELECT * FROM query('SELECT 1')",
  "SELECT * FROM query_table('flows')",
  "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
  "SELECT json_serialize_plan('SELECT * FROM read_text(''SECRET'')')",
  "SELECT write_log('x')",
  'SELECT sleep_ms(100000)',
  "SELECT nextval('s')",
  "SELECT getenv('HOME')",
  "SELECT repeat('x', 4000000000)",
  'SELECT range(500000000)',
  'SELECT * FROM range(len(range(500000000)))',
  'SELECT list_resize([1], 500000000)',
  "SELECT bitstring('1', 2000000000)",
  'PIVOT flows ON service USING sum(up_bytes)',
  "SELECT COLUMNS(lambda name: getenv('HOME') = name) FROM flows",
  "SELECT * REPLACE (getenv('HOME') AS source) FROM flows",
  "SELECT list_transform(['SELECT 1'], lambda x: query(x))",
  `SELECT "getenv"('HOME')`,
  "SELECT system.main.getenv('HOME')",
  `SELECT U&"\\0067etenv"('HOME')`,
  "SELECT ('HOME').getenv()",
  'SELECT fqdn.repeat(100000000) FROM flows',
  "FROM flows SELECT (FROM read_text('SECRET'))",
  "FROM (VALUES ('SECRET')) AS t(path), LATERAL (FROM read_text(path))",
  "WITH flows AS (SELECT * FROM read_text('SECRET')) SELECT * FROM flows",
  `SELECT * FROM (WITH "SECRET" AS (SELECT 1) SELECT 1), "SECRET"`,
  'WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a',
  'WITH a AS (DELETE FROM flows RETURNING *) SELECT * FROM a',
  "SELECT * FROM flows PIVOT (count(*) FOR service IN (SELECT content FROM read_text('SECRET')))",
  "FROM 'http://127.0.0.1:1/x.csv'",
  "FROM 's3://bucket/x.parquet'",
  "SELECT * FROM read_duckdb('SECRET')",
  "SELECT * FROM seq_scan('flows')",
  "SELECT * FROM repeat('x', 1000000000000)",
  'SELECT * FROM checkpoint()',
  'SELECT * FROM enable_logging()',
  'SELECT * FROM enable_profiling()',
  "SELECT * FROM which_secret('x', 's3')",
  "SELECT * FROM sql_auto_complete('sel')",
  'SELECT * FROM histogram_values(flows, service)',
  'SELECT * FROM pg_tables',
  'SELECT * FROM main.flows',
  "/* x */ COPY flows TO 'TARGET'",
  "/* x */ EXPLAIN ANALYZE COPY flows TO 'TARGET'",
  'EXPLAIN ANALYZE DELETE FROM flows',
  'EXPLAIN EXPLAIN SELECT 1',
  'COPY FROM DATABASE memory TO memory',
  'MERGE INTO flows USING dns ON true WHEN MATCHED THEN DELETE',
  'TRUNCATE flows',
  'ALTER VIEW flows RENAME TO other',
  "COMMENT ON VIEW flows IS 'x'",
  'CREATE OR REPLACE VIEW flows AS SELECT 1',
  'CREATE FUNCTION lower(x) AS 1',
  "CREATE TYPE t AS ENUM ('a')",
  'CREATE SCHEMA s',
  'SET GLOBAL memory_limit = 100',
  "PRAGMA memory_limit = '100GB'",
  'RESET memory_limit',
  'UPDATE EXTENSIONS',
  'SELECT $1',
  '',
  '-- nothing',
];

test.each(attacks)('is refused: %s', async (attack) => {
  const before = [readFileSync(segment), statSync(segment).mtimeMs];
  const sql = attack.replaceAll('SECRET', secret).replaceAll('SEGMENT', segment).replaceAll('TARGET', target);
  await expect(ask(sql)).rejects.toMatchObject({
    code: expect.stringMatching(/^SONDE_QUERY_(REFUSED|FAILED)$/),
  });
  expect(existsSync(target)).toBe(false);
  expect([readFileSync(segment), statSync(segment).mtimeMs]).toEqual(before);
});

test('what is no SQL is told as such, with the place', async () => {
  await expect(ask('SELEC 1')).rejects.toMatchObject({
    code: 'SONDE_QUERY_FAILED',
    message: expect.stringContaining('SELEC'),
  });
});

test('a query that is too long is refused before it is parsed', async () => {
  await expect(ask(`SELECT ${'('.repeat(200_000)}`)).rejects.toMatchObject({ code: 'SONDE_QUERY_REFUSED' });
});

test.each([
  `SELECT * FROM (${'SELECT * FROM ('.repeat(5000)}SELECT 1${')'.repeat(5001)}`,
  `SELECT 1${' + 1'.repeat(20_000)}`,
  `SELECT ${'['.repeat(40_000)}${']'.repeat(40_000)}`,
])('a query that is nested absurdly deep is an error, not a crash: %#', async (sql) => {
  await expect(ask(sql)).rejects.toMatchObject({ code: 'SONDE_QUERY_FAILED' });
});
