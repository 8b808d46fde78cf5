import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SondeError } from '../kit/errors.ts';
import { openWorkbench, type Workbench } from '../store/index.ts';
import { checkJobs } from './check-jobs.ts';
import { loadJobs } from './load-jobs.ts';
import { parseJob } from './parse-job.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench({ memoryMb: 256, threads: 1 });
});
afterAll(() => bench.close());

const job = (name: string, inputs: readonly string[], sql = 'SELECT 1 AS n', columns = ['n count']) =>
  parseJob(
    `${name}.job.sql`,
    [...inputs.map((one) => `input ${one}`), `output ${name}`, ...columns.map((one) => `  ${one}`), sql].join('\n'),
  );

const check = async (...jobs: ReturnType<typeof job>[]) => (await checkJobs(jobs, bench)).map(({ name }) => name);

const failureOf = async (...jobs: ReturnType<typeof job>[]): Promise<string> => {
  const error = await check(...jobs).catch((thrown: unknown) => thrown);
  if (!(error instanceof SondeError)) throw new Error(`no failure: ${error}`);
  expect(error.code).toBe('SONDE_JOB_INVALID');
  return `${error.fields.file} ${error.message}`;
};

test('the jobs that come with the program are sound', async () => {
  const jobs = loadJobs([fileURLToPath(new URL('../../jobs', import.meta.url))]);
  expect(jobs.length).toBeGreaterThan(8);
  expect(await checkJobs(jobs, bench)).toHaveLength(jobs.length);
});

test('a job comes after those whose tables it reads', async () => {
  expect(await check(job('a', ['c window 60']), job('b', ['flows window 60']), job('c', ['b window 60']))).toEqual([
    'b',
    'c',
    'a',
  ]);
});

test('a circle is named', async () => {
  const failure = await failureOf(
    job('a', ['c window 60']),
    job('b', ['a window 60']),
    job('c', ['b window 60 primary', 'c window 60 delay 60']),
  );
  expect(failure).toMatch(
    /^[abc]\.job\.sql:1:7 a circle: (a reads c reads b reads a|b reads a reads c reads b|c reads b reads a reads c)$/,
  );
});

test('a table that nobody fills, and one that two fill', async () => {
  expect(await failureOf(job('a', ['gone window 60']))).toBe('a.job.sql:1:7 nothing fills gone');
  expect(await failureOf(job('a', ['flows window 60']), job('a', ['dns window 60']))).toBe(
    'a.job.sql:2:8 a.job.sql fills a too',
  );
});

test('the query gives what the header tells', async () => {
  const flows = ['flows window 60'];
  expect(
    await check(
      job('a', flows, 'SELECT client, avg(up_bytes) AS x, groupUniqArray(fqdn) AS names FROM flows GROUP BY client', [
        'client text',
        'x real',
        'names texts',
      ]),
    ),
  ).toEqual(['a']);
  expect(await failureOf(job('a', flows, 'SELECT 1 AS m'))).toBe('a.job.sql:4:1 the query gives no column n');
  expect(await failureOf(job('a', flows, 'SELECT 1 AS n, 2 AS m'))).toBe(
    'a.job.sql:4:1 the query gives a column m that the header has not',
  );
  expect(await failureOf(job('a', flows, "SELECT 'x' AS n"))).toBe(
    'a.job.sql:4:1 n is a count by the header and a text by the query',
  );
  expect(
    await failureOf(job('a', ['b window 60'], 'SELECT n FROM b'), job('b', flows, "SELECT '' AS n", ['n text'])),
  ).toBe('a.job.sql:4:1 n is a count by the header and a text by the query');
});

test('faults of the query are shown where they are', async () => {
  const flows = ['flows as f window 60'];
  expect(await failureOf(job('a', flows, 'SELECT\n  wrong AS n\nFROM f'))).toMatch(
    /^a\.job\.sql:5:3 .*"wrong" not found/,
  );
  expect(
    await failureOf(job('a', flows, 'SELECT 1 AS n\nFROM f\nWHERE up_bytes = {window_start:Int64} AND nope = 1')),
  ).toMatch(/^a\.job\.sql:6:43 /);
  expect(await failureOf(job('a', flows, 'SELECT 1 AS n\nFROM f WHERE ('))).toMatch(/^a\.job\.sql:\d+:\d+ .*syntax/i);
  expect(await failureOf(job('a', flows, 'SELECT {window:Int64} AS n'))).toBe(
    'a.job.sql:4:1 the placeholder {window:Int64} has no value',
  );
});

test('a query reads its inputs and nothing else', async () => {
  const flows = ['flows as f window 60'];
  expect(await failureOf(job('a', flows, 'SELECT count(*) AS n FROM flows'))).toBe(
    'a.job.sql:4:1 there is no table flows',
  );
  expect(await failureOf(job('a', flows, "SELECT count(*) AS n FROM read_text('/etc/passwd')"))).toContain(
    'the table function read_text is not allowed',
  );
  expect(await failureOf(job('a', flows, 'SELECT 1 AS n; DROP TABLE x'))).toContain('only');
});
