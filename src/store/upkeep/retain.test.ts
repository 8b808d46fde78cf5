import { expect, test } from 'vitest';
import { ask, evening, sealRows, temporaryStore } from '../../../test/store-fixture.ts';
import { HOUR } from '../../kit/time.ts';
import { dns, flows, imports } from '../../tickets/index.ts';
import type { Store } from '../store.ts';

/** An import of an hour: flows at its start and its end, and its row in between would be wrong, so at the end. */
const addHour = async (store: Store, hour: number, withDns = true): Promise<{ readonly added: boolean }> => {
  const id = `hour-${hour}`;
  const start = evening + hour * HOUR;
  const end = start + HOUR - 1;
  const run = store.beginImport(id);
  await run.write(
    sealRows(
      flows,
      [start, end].map((at) => ({ source: id, reported_at: at, started_at: at })),
    ),
  );
  if (withDns) await run.write(sealRows(dns, [{ source: id, reported_at: start, asked_at: start }]));
  await run.write(sealRows(imports, [{ source: id, id, reported_at: end, first_at: start, last_at: end }]));
  return run.commit();
};

const seen = async (store: Store) =>
  (await ask(store, 'SELECT id FROM imports ORDER BY reported_at')).map(({ id }) => id);
const rows = async (store: Store, table: string) => (await ask(store, `SELECT count(*) AS n FROM ${table}`))[0]!.n;

test('by age, back from the newest row: whole segments go, and with them the rows of their imports', async () => {
  const store = await temporaryStore();
  for (let hour = 0; hour < 6; hour++) await addHour(store, hour);
  const retired = await store.retain({ ageUs: 2.5 * HOUR });
  expect(retired.map(({ table, segments, rows }) => [table, segments, rows])).toEqual([
    ['flows', 3, 6],
    ['dns', 4, 4],
    ['imports', 3, 3],
  ]);
  expect([await rows(store, 'flows'), await rows(store, 'dns')]).toEqual([6, 2]);
  expect(await seen(store)).toEqual(['hour-3', 'hour-4', 'hour-5']);
  expect(await store.retain({ ageUs: 2.5 * HOUR })).toEqual([]);
});

test('what was taken out does not come back by importing it again', async () => {
  const store = await temporaryStore();
  for (let hour = 0; hour < 4; hour++) await addHour(store, hour);
  await store.retain({ ageUs: HOUR / 2 });
  expect(await store.hasImport('hour-0')).toBe(true);
  expect(await addHour(store, 0)).toEqual({ added: false });
  expect(await rows(store, 'flows')).toBe(2);
});

test('rows of imports go out of a merged segment too', async () => {
  const store = await temporaryStore();
  for (let hour = 0; hour < 3; hour++) await addHour(store, hour);
  await store.compact();
  await addHour(store, 9);
  const retired = await store.retain({ ageUs: 2 * HOUR });
  expect(retired.map(({ table, rows }) => [table, rows])).toEqual([
    ['flows', 6],
    ['dns', 3],
    ['imports', 3],
  ]);
  expect(await seen(store)).toEqual(['hour-9']);
});

test('by size: the oldest of all tables go until the rest fits, and the newest of each stays', async () => {
  const store = await temporaryStore();
  for (let hour = 0; hour < 6; hour++) await addHour(store, hour, hour < 2);
  const sizeOf = async (): Promise<number> => {
    const snapshot = await store.snapshot();
    const bytes = snapshot.sizes.reduce((sum, size) => sum + size.bytes, 0);
    await snapshot.close();
    return bytes;
  };
  const all = await sizeOf();
  expect(await store.retain({ bytes: all })).toEqual([]);
  await store.retain({ bytes: all * 0.7 });
  expect(await sizeOf()).toBeLessThanOrEqual(all * 0.7);
  expect((await seen(store)).at(-1)).toBe('hour-5');
  await store.retain({ bytes: 0 });
  expect([await rows(store, 'flows'), await rows(store, 'dns')]).toEqual([2, 1]);
});
