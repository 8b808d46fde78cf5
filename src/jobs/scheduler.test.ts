import { expect, test } from 'vitest';
import {
  afterLooking,
  beforeReplacing,
  importFlows,
  jobText,
  rowsOf,
  runJobs,
  schedule,
} from '../../test/job-fixture.ts';
import { ask, temporaryStore } from '../../test/store-fixture.ts';
import { openWorkbench } from '../store/index.ts';
import type { RowChange } from '../store/upkeep/rewrite-rows.ts';
import { parseJob } from './parse-job.ts';
import { Scheduler } from './scheduler.ts';

const minutes = jobText(
  'minutes',
  ['flows window 60'],
  ['client text', 'n count'],
  'SELECT client, count(*) AS n FROM flows GROUP BY client',
);

test('windows are run as far as the source has come, each with its rows', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 59 }, { at: 60, client: 'b' }, { at: 185 }]);
  await runJobs(store, [minutes]);
  const expected = [
    { at: 0, client: 'a', n: 2 },
    { at: 60, client: 'b', n: 1 },
  ];
  expect(await rowsOf(store, 'minutes', 'client, n')).toEqual(expected);
  // The third minute had nothing, the fourth is not over.
  const runs = await ask(
    store,
    'SELECT job, epoch_us(window_start) // 1000000 AS at, attempt, reason, inputs, input_marks, output_rows FROM runs ORDER BY window_start',
  );
  expect(runs).toEqual([
    { job: 'minutes', at: 0, attempt: 1, reason: 'new', inputs: ['flows'], input_marks: [2], output_rows: 1 },
    { job: 'minutes', at: 60, attempt: 1, reason: 'new', inputs: ['flows'], input_marks: [1], output_rows: 1 },
  ]);
  expect(await ask(store, 'SELECT count(*) AS n FROM minutes JOIN runs ON minutes.source = runs.id')).toEqual([
    { n: 2 },
  ]);
  await runJobs(store, [minutes], { until: 240e6 });
  expect(await rowsOf(store, 'minutes', 'client, n')).toEqual([...expected, { at: 180, client: 'a', n: 1 }]);
});

test('inputs look back from the end of the primary window, delays further', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [
    { at: 50 },
    { at: 54.999999 },
    { at: 55 },
    { at: 60 },
    { at: 119.999999 },
    { at: 120 },
  ]);
  const job = jobText(
    'seen',
    ['flows window 60 primary', 'flows as wide window 65', 'flows as earlier window 10 delay 60'],
    ['n count', 'wide_n count', 'earlier_n count'],
    'SELECT (SELECT count(*) FROM flows) AS n, (SELECT count(*) FROM wide) AS wide_n, (SELECT count(*) FROM earlier) AS earlier_n',
  );
  await runJobs(store, [job]);
  expect(await rowsOf(store, 'seen', 'n, wide_n, earlier_n')).toEqual([
    { at: 0, n: 3, wide_n: 3, earlier_n: 0 },
    { at: 60, n: 2, wide_n: 3, earlier_n: 3 },
  ]);
});

const hours = jobText('ten_minutes', ['minutes window 600'], ['n count'], 'SELECT sum(n) AS n FROM minutes');

test('jobs read what jobs gave, when it is whole', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 30 }, { at: 590 }, { at: 1190 }]);
  await runJobs(store, [hours, minutes]);
  expect(await rowsOf(store, 'ten_minutes', 'n')).toEqual([{ at: 0, n: 3 }]);
  await importFlows(store, 'b', [{ at: 1200 }]);
  await runJobs(store, [hours, minutes]);
  expect(await rowsOf(store, 'ten_minutes', 'n')).toEqual([
    { at: 0, n: 3 },
    { at: 600, n: 1 },
  ]);
});

const rolling = jobText(
  'so_far',
  ['flows window 60 primary', 'so_far window 60 delay 60'],
  ['client text', 'n count'],
  `SELECT client, sum(n) AS n
   FROM (SELECT client, 1 AS n FROM flows UNION ALL SELECT client, n FROM so_far) GROUP BY client`,
);

test('a job may read what it gave before, in the same commit and over commits', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 61 }, { at: 62, client: 'b' }, { at: 180 }]);
  await runJobs(store, [rolling]);
  const expected = [
    { at: 0, client: 'a', n: 1 },
    { at: 60, client: 'a', n: 2 },
    { at: 60, client: 'b', n: 1 },
    { at: 120, client: 'a', n: 2 },
    { at: 120, client: 'b', n: 1 },
  ];
  expect(await rowsOf(store, 'so_far', 'client, n')).toEqual(expected);
  await runJobs(store, [rolling], { until: 240e6 });
  expect(await rowsOf(store, 'so_far', 'client, n')).toEqual([
    ...expected,
    { at: 180, client: 'a', n: 3 },
    { at: 180, client: 'b', n: 1 },
  ]);
});

test('late rows open the windows that they touch, and those that read these', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 61 }, { at: 660 }, { at: 1201 }]);
  const jobs = [minutes, hours, rolling];
  await runJobs(store, jobs);
  const runsOf = () =>
    ask(store, 'SELECT job, epoch_us(window_start) // 1000000 AS at, attempt, reason FROM runs ORDER BY ALL');
  const before = await runsOf();
  await importFlows(store, 'late', [{ at: 665 }, { at: 666 }]);
  await runJobs(store, jobs);
  expect(await rowsOf(store, 'minutes', 'n')).toEqual([
    { at: 0, n: 1 },
    { at: 60, n: 1 },
    { at: 660, n: 3 },
  ]);
  expect(await rowsOf(store, 'ten_minutes', 'n')).toEqual([
    { at: 0, n: 2 },
    { at: 600, n: 3 },
  ]);
  expect((await rowsOf(store, 'so_far', 'n')).slice(-2)).toEqual([
    { at: 1080, n: 5 },
    { at: 1140, n: 5 },
  ]);
  const known = new Set(before.map((row) => JSON.stringify(row)));
  const again = (await runsOf()).filter((row) => !known.has(JSON.stringify(row)));
  const rollingAgain = Array.from({ length: 9 }, (_, i) => ({
    job: 'so_far',
    at: 660 + 60 * i,
    attempt: 2,
    reason: 'late',
  }));
  expect(again).toEqual([
    { job: 'minutes', at: 660, attempt: 2, reason: 'late' },
    ...rollingAgain,
    { job: 'ten_minutes', at: 600, attempt: 2, reason: 'late' },
  ]);
  await runJobs(store, jobs);
  expect(await runsOf()).toHaveLength(before.length + again.length);
});

test('a source that was silent for years costs nothing', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 61 }, { at: 4e8 }, { at: 4e8 + 100 }]);
  await runJobs(store, [minutes, hours]);
  expect(await ask(store, 'SELECT job, count(*) AS n FROM runs GROUP BY job ORDER BY job')).toEqual([
    { job: 'minutes', n: 3 },
    { job: 'ten_minutes', n: 1 },
  ]);
});

test('windows without rows are run where the job wants them', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 200 }]);
  const counting = jobText('counted', ['flows window 60'], ['n count'], 'SELECT count(*) AS n FROM flows', [
    'empty run',
  ]);
  await runJobs(store, [counting]);
  expect(await rowsOf(store, 'counted', 'n')).toEqual([
    { at: 0, n: 1 },
    { at: 60, n: 0 },
    { at: 120, n: 0 },
  ]);
});

test('start and lateness', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 130 }, { at: 250 }]);
  const job = jobText('late', ['flows window 60'], ['n count'], 'SELECT count(*) AS n FROM flows', [
    'start 1970-01-01T00:01:30Z',
    'lateness 60',
    'empty run',
  ]);
  await runJobs(store, [job]);
  expect(await rowsOf(store, 'late', 'n')).toEqual([
    { at: 60, n: 0 },
    { at: 120, n: 1 },
  ]);
});

test('all kinds of columns come back from the store as the query gave them', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 61 }, { at: 120 }]);
  const columns = ['vantage text', 't time', 'c count', 'r real', 'f flag', 's text', 'ss texts', 'cs counts'];
  const job = jobText(
    'kinds',
    ['flows window 60 primary', 'kinds window 60 delay 60'],
    columns,
    `SELECT 'v' AS vantage, TIMESTAMP '2014-02-22 19:00:00.5' AS t, 9007199254740991 AS c, 0.1 AS r, true AS f, 'ä' AS s,
       ['x', NULL, ''] AS ss, [1, 2] AS cs FROM flows WHERE NOT EXISTS (SELECT 1 FROM kinds)
     UNION ALL SELECT '', NULL, NULL, 'nan'::DOUBLE, NULL, NULL, NULL, [] FROM kinds WHERE f`,
  );
  await runJobs(store, [job]);
  expect(await ask(store, 'SELECT * EXCLUDE (source, reported_at) FROM kinds ORDER BY reported_at')).toEqual([
    {
      vantage: 'v',
      t: Date.UTC(2014, 1, 22, 19) * 1000 + 500_000,
      c: 9007199254740991,
      r: 0.1,
      f: true,
      s: 'ä',
      ss: ['x', ''],
      cs: [1, 2],
    },
    { vantage: '', t: null, c: null, r: null, f: null, s: '', ss: [], cs: [] },
  ]);
});

test('a replay runs windows again though nothing changed, and what reads them', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 61 }, { at: 130 }, { at: 1300 }]);
  await runJobs(store, [minutes, hours]);
  const rows = await rowsOf(store, 'minutes', 'client, n, source');
  const scheduler = await schedule(store, [minutes, hours]);
  await (await scheduler.look()).close();
  scheduler.ledger.want(scheduler.ledger.jobs[0]!, 60e6, Number.POSITIVE_INFINITY);
  expect(await scheduler.drain()).toEqual([]);
  expect(await rowsOf(store, 'minutes', 'client, n, source')).toEqual(rows);
  const again = await ask(
    store,
    'SELECT job, epoch_us(window_start) // 1000000 AS s, reason FROM runs WHERE attempt = 2 ORDER BY ALL',
  );
  expect(again).toEqual([
    { job: 'minutes', s: 60, reason: 'replay' },
    { job: 'minutes', s: 120, reason: 'replay' },
    { job: 'ten_minutes', s: 0, reason: 'late' },
  ]);
});

test('a job may have more inputs than slices are held, and a scheduler may follow another on one engine', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 61 }, { at: 190 }]);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const inputs = names.map((name, i) => `flows as ${name} window ${60 + i}${i === 0 ? ' primary' : ''}`);
  const sql = `SELECT count(*) AS n FROM (${names.map((name) => `SELECT client FROM ${name}`).join(' UNION ALL ')}) AS x`;
  const bench = await openWorkbench({ memoryMb: 256, threads: 1 });
  for (const name of ['first', 'second']) {
    const job = parseJob(name, jobText(name, inputs, ['n count'], sql));
    const scheduler = new Scheduler(store, bench, [job], { strategy: 'fifo', parallel: 1, now: Date.now });
    expect(await scheduler.drain()).toEqual([]);
    await scheduler.close();
    expect((await rowsOf(store, name, 'n')).slice(0, 2)).toEqual([
      { at: 0, n: 6 },
      { at: 60, n: 6 },
    ]);
  }
  bench.close();
});

test('a job that fails waits with those that read it, and the others go on', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 700 }]);
  const broken = jobText('minutes', ['flows window 60'], ['n count'], 'SELECT CAST(client AS BIGINT) AS n FROM flows');
  const other = jobText('others', ['flows window 60'], ['n count'], 'SELECT count(*) AS n FROM flows');
  const failures = await (await schedule(store, [broken, hours, other])).drain();
  expect(failures.map(({ job }) => job.name)).toEqual(['minutes']);
  expect(failures[0]!.error).toMatchObject({ code: 'SONDE_QUERY_FAILED' });
  expect(await rowsOf(store, 'others', 'n')).toEqual([{ at: 0, n: 1 }]);
  expect(await ask(store, 'SELECT DISTINCT job FROM runs')).toEqual([{ job: 'others' }]);
});

test('tables of jobs are merged like the others, and late windows in them are replaced', async () => {
  const store = await temporaryStore();
  for (const i of [0, 1, 2, 3]) {
    await importFlows(store, `a${i}`, [{ at: 60 * i }, { at: 60 * i + 60 }]);
    await runJobs(store, [minutes]);
  }
  const before = await rowsOf(store, 'minutes', 'client, n');
  expect((await store.compact()).map(({ table }) => table)).toEqual(expect.arrayContaining(['minutes', 'runs']));
  expect(await rowsOf(store, 'minutes', 'client, n')).toEqual(before);
  await importFlows(store, 'late', [{ at: 70 }], 100);
  await runJobs(store, [minutes]);
  expect(await rowsOf(store, 'minutes', 'n')).toEqual([
    { at: 0, n: 1 },
    { at: 60, n: 3 },
    { at: 120, n: 2 },
    { at: 180, n: 2 },
  ]);
});

test('what reads the rows of a run sees them, also if the run ends while the store is looked at', async () => {
  const store = await temporaryStore();
  const flows = Array.from({ length: 40 }, (_, i) => ({ at: 30 * i }));
  await importFlows(store, 'a', flows, 1200);
  const soFar = jobText(
    'so_far',
    ['ones window 60 primary', 'so_far window 60 delay 60'],
    ['n count'],
    'SELECT sum(n) AS n FROM (SELECT n FROM ones UNION ALL SELECT n FROM so_far) AS known',
  );
  const ones = jobText('ones', ['flows window 60'], ['n count'], 'SELECT count(*) AS n FROM flows').replace(
    'output ones',
    'output ones window 120',
  );
  await runJobs(afterLooking(store, 60), [ones, soFar], { parallel: 2, strategy: 'shared' });
  expect(await rowsOf(store, 'so_far', 'n')).toEqual(
    Array.from({ length: 20 }, (_, i) => ({ at: 60 * i, n: 2 * (i + 1) })),
  );
});

/** Another name for a client, wherever it stands. */
const rename = (from: string, to: string): RowChange => ({
  operation: 'RENAME',
  tables: ['flows', 'imports'],
  begin: (interner) => (batch) => {
    const codes = batch.columns.client as Int32Array | undefined;
    const [old, fresh] = [interner.code(from), interner.code(to)];
    if (codes?.subarray(0, batch.rows).includes(old) !== true) return false;
    for (let row = 0; row < batch.rows; row++) if (codes[row] === old) codes[row] = fresh;
    return true;
  },
});

test('windows whose rows got other labels are run again, and what reads them, once', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 70, client: 'b' }]);
  await importFlows(store, 'b', [{ at: 700, client: 'c' }, { at: 1300 }]);
  const jobs = [minutes, hours];
  await runJobs(store, jobs);
  await store.rewrite(rename('b', 'z'));
  const scheduler = await schedule(store, jobs);
  const snapshot = await scheduler.look();
  const todo = scheduler.ledger.jobs.map((job) => [job.name, ...scheduler.ledger.todo(job)]);
  expect(todo).toMatchObject([
    ['minutes', { start: 0, reason: 'relabelled' }, { start: 60e6, reason: 'relabelled' }],
    // Not before what it reads has been run.
    ['ten_minutes'],
  ]);
  await snapshot.close();
  // Merged or not, and whoever looks.
  await store.compact();
  await runJobs(store, jobs);
  expect(await rowsOf(store, 'minutes', 'client')).toEqual([
    { at: 0, client: 'a' },
    { at: 60, client: 'z' },
    { at: 660, client: 'c' },
  ]);
  const again = `SELECT job, epoch_us(window_start) // 1000000 AS s, reason, snapshot FROM runs WHERE attempt > 1 ORDER BY ALL`;
  const once = [
    { job: 'minutes', s: 0, reason: 'relabelled', snapshot: 3 },
    { job: 'minutes', s: 60, reason: 'relabelled', snapshot: 3 },
    { job: 'ten_minutes', s: 0, reason: 'late', snapshot: 3 },
  ];
  expect(await ask(store, again)).toEqual(once);
  await store.compact();
  await runJobs(store, jobs);
  expect(await ask(store, again)).toEqual(once);
});

test('a scheduler that goes on learns of other labels', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 61 }, { at: 130 }]);
  const scheduler = await runJobs(store, [minutes]);
  await store.rewrite(rename('a', 'b'));
  expect(await scheduler.drain()).toEqual([]);
  await store.rewrite(rename('b', 'c'));
  expect(await scheduler.drain()).toEqual([]);
  expect(await rowsOf(store, 'minutes', 'client')).toEqual([
    { at: 0, client: 'c' },
    { at: 60, client: 'c' },
  ]);
});

test('a run that began before the labels changed is one of before', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 61 }, { at: 130 }]);
  let isChanged = false;
  const slow = beforeReplacing(store, async () => {
    if (!isChanged) await store.rewrite(rename('a', 'b'));
    isChanged = true;
  });
  await runJobs(slow, [minutes]);
  expect(await rowsOf(store, 'minutes', 'client')).toEqual([
    { at: 0, client: 'b' },
    { at: 60, client: 'b' },
  ]);
  expect(await ask(store, 'SELECT DISTINCT attempt, reason FROM runs ORDER BY attempt')).toEqual([
    { attempt: 1, reason: 'new' },
    { attempt: 2, reason: 'relabelled' },
  ]);
});

test('a run of which the store has told already counts once', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', [{ at: 0 }, { at: 61 }]);
  const { ledger } = await runJobs(store, [minutes]);
  const [job] = ledger.jobs;
  ledger.ran(job!, [{ start: 0, attempt: 1, reason: 'new', marks: [1], changed: -1 }], 0);
  expect(ledger.doneOf(job!).attempts(0)).toBe(1);
  expect(ledger.attemptOf(job!, 0)).toBe(2);
});
