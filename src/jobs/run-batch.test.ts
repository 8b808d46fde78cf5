import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { beforeReplacing, importFlows, jobText, rowsOf, runJobs, schedule } from '../../test/job-fixture.ts';
import { ask, temporaryStore } from '../../test/store-fixture.ts';
import { openStore, type Problem, type Store } from '../store/index.ts';
import { isOutdated } from './lost-segments.ts';
import { parseJob } from './parse-job.ts';

const minutes = jobText(
  'minutes',
  ['flows window 60'],
  ['client text', 'n count'],
  'SELECT client, count(*) AS n FROM flows GROUP BY client',
);

const records = (store: Store) =>
  ask(
    store,
    `SELECT epoch_us(window_start) // 1000000 AS at, attempt, number, input_marks
     FROM runs WHERE job = 'minutes' ORDER BY window_start, attempt`,
  );

/** Each row belongs to the last record of its window. */
const expectOwned = async (store: Store): Promise<void> => {
  const strays = await ask(
    store,
    `SELECT count(*) AS n FROM minutes WHERE source NOT IN (
       SELECT argMax(id, attempt) FROM runs WHERE job = 'minutes' GROUP BY window_start)`,
  );
  expect(strays).toEqual([{ n: 0 }]);
};

const flows = [{ at: 0 }, { at: 61, client: 'b' }, { at: 130 }];

test('who comes between the rows and the records of another process is the one that is recorded', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', flows);
  const other = await openStore(store.path);
  let isDone = false;
  const slow = beforeReplacing(store, async (table) => {
    if (table !== 'runs' || isDone) return;
    isDone = true;
    await runJobs(other, [minutes]);
  });
  await runJobs(slow, [minutes]);
  expect(await records(store)).toEqual([
    { at: 0, attempt: 1, number: 2, input_marks: [1] },
    { at: 60, attempt: 1, number: 2, input_marks: [1] },
  ]);
  await expectOwned(store);
});

test('if both are recorded, the one whose rows stand is the last attempt', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', flows);
  const other = await openStore(store.path);
  await other.bindKey('0123456789abcdef');
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let second: Promise<unknown> | undefined;
  const slow = beforeReplacing(store, async (table) => {
    if (table !== 'runs' || second !== undefined) return;
    await importFlows(other, 'b', [{ at: 30, client: 'c' }], 130);
    await new Promise<void>((reached) => {
      const slower = beforeReplacing(other, async (name) => {
        if (name !== 'runs') return;
        reached();
        await released;
      });
      second = runJobs(slower, [minutes]);
    });
  });
  const first = await schedule(slow, [minutes]);
  const stop = new AbortController();
  expect(await first.drain(() => stop.abort(), stop.signal)).toEqual([]);
  release();
  await second;
  expect(await records(store)).toMatchObject([
    { at: 0, attempt: 1, number: 1, input_marks: [1] },
    { at: 0, attempt: 2, number: 2, input_marks: [2] },
    { at: 60, attempt: 1, number: 1 },
    { at: 60, attempt: 2, number: 2 },
  ]);
  expect(await rowsOf(store, 'minutes', 'client, n')).toEqual([
    { at: 0, client: 'a', n: 1 },
    { at: 0, client: 'c', n: 1 },
    { at: 60, client: 'b', n: 1 },
  ]);
  await expectOwned(store);
  expect([...(await runJobs(store, [minutes])).ledger.todo(parseJob('', minutes))]).toEqual([]);
});

/** Flips a bit of the only segment of a table. */
const damage = (store: Store, table: string): string => {
  const folder = join(store.path, table);
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
  const path = join(folder, file!);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
  return file!;
};

test('damaged rows of its own are not replaced, for other windows would go with them; what they came from gives them again', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', flows);
  await runJobs(store, [minutes]);
  const file = damage(store, 'minutes');
  await importFlows(store, 'late', [{ at: 1 }, { at: 140 }]);
  const anew = await openStore(store.path);
  await anew.bindKey('0123456789abcdef');
  await expect(runJobs(anew, [minutes])).rejects.toMatchObject({
    code: 'SONDE_STORE_CORRUPT',
    fields: { table: 'minutes', file },
    hint: expect.stringContaining('sonde jobs replay minutes'),
  });
  const problems = (await anew.verify()).flatMap((verdict) => verdict.problems);
  expect(problems).toEqual([`minutes/${file}: its bytes are not those that were written`]);

  rmSync(join(store.path, 'minutes'), { recursive: true });
  const repaired = await openStore(store.path);
  const scheduler = await schedule(repaired, [minutes]);
  await (await scheduler.look()).close();
  scheduler.ledger.want(scheduler.ledger.jobs[0]!, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  expect(await scheduler.drain()).toEqual([]);
  expect(await rowsOf(repaired, 'minutes', 'client, n')).toEqual([
    { at: 0, client: 'a', n: 2 },
    { at: 60, client: 'b', n: 1 },
  ]);
});

test('damaged rows of an input are left out, and told', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'a', flows);
  const file = damage(store, 'flows');
  await importFlows(store, 'b', [{ at: 2 }, { at: 140 }]);
  const told: Problem[] = [];
  const scheduler = await schedule(store, [minutes]);
  expect(await scheduler.drain(({ problems }) => told.push(...problems))).toEqual([]);
  expect(new Set(told.map((problem) => problem.file))).toEqual(new Set([file]));
  expect(await rowsOf(store, 'minutes', 'n')).toEqual([{ at: 0, n: 1 }]);
});

test('what was taken off the disk since the look is not taken for all there is', async () => {
  const store = await temporaryStore();
  for (const [i, flow] of flows.entries()) await importFlows(store, `import-${i}`, [flow]);
  const scheduler = await schedule(store, [minutes]);
  const snapshot = await scheduler.look();
  await snapshot.close();
  await store.retain({ ageUs: 1e6 });
  await store.vacuum({ removedMs: -1, unnamedMs: -1 });
  const [job] = scheduler.ledger.jobs;
  expect(await isOutdated(store, job!, snapshot)).toBe(false);
  await snapshot.selectOf(snapshot.tableOf('flows')!, snapshot.segmentsOf('flows'));
  expect(await isOutdated(store, job!, snapshot)).toBe(true);
});
