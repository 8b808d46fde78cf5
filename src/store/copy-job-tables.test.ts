import { expect, test } from 'vitest';
import { importFlows, jobText, rowsOf, runJobs } from '../../test/job-fixture.ts';
import { ask, temporaryStore } from '../../test/store-fixture.ts';
import { copyStore } from './copy.ts';
import { copyJobTables } from './copy-job-tables.ts';

const minutes = jobText(
  'minutes',
  ['flows window 60'],
  ['client text', 'n count'],
  'SELECT client, count(*) AS n FROM flows GROUP BY client',
);

test('a copy has what jobs gave, also of tickets that are gone, and its own jobs go on from there', async () => {
  const store = await temporaryStore();
  await importFlows(store, 'old', [{ at: 0 }, { at: 61 }], 90_000);
  await importFlows(store, 'young', [{ at: 90_000 }, { at: 90_100 }, { at: 90_200 }]);
  await runJobs(store, [minutes]);
  await store.retain({ ageUs: 3600e6 });
  const rows = await rowsOf(store, 'minutes', 'source, client, n');
  expect(rows.map(({ at }) => at)).toEqual([0, 60, 90_000, 90_060]);

  const copy = await temporaryStore();
  await copyStore(store, copy, () => false);
  expect(await copyJobTables(store, copy)).toEqual({ copied: ['minutes'], known: [] });
  expect(await rowsOf(copy, 'minutes', 'source, client, n')).toEqual(rows);
  const records = 'SELECT * EXCLUDE (snapshot) FROM runs ORDER BY window_start';
  expect(await ask(copy, records)).toEqual(await ask(store, records));
  expect(await copyJobTables(store, copy)).toEqual({ copied: [], known: ['minutes'] });

  await importFlows(copy, 'late', [{ at: 90_010, client: 'b' }], 90_300);
  await runJobs(copy, [minutes]);
  expect(await rowsOf(copy, 'minutes', 'client, n')).toEqual([
    ...rows.slice(0, 3).map(({ at, client, n }) => ({ at, client, n })),
    { at: 90_000, client: 'b', n: 1 },
    { at: 90_060, client: 'a', n: 1 },
    { at: 90_180, client: 'a', n: 1 },
  ]);
  expect(await ask(copy, 'SELECT count(*) AS n FROM runs WHERE attempt > 1')).toEqual([{ n: 1 }]);
});
