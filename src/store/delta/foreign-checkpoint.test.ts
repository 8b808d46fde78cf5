import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addFlows, ask, temporaryStore } from '../../../test/store-fixture.ts';
import { literal, startEngine } from '../engine/engine.ts';
import { openStore, type Store } from '../store.ts';
import { CHECKPOINT_EVERY } from './checkpoint.ts';

const checkpoint = `${String(CHECKPOINT_EVERY).padStart(20, '0')}.checkpoint`;
const logOf = ({ path }: Store): string => join(path, 'flows', '_delta_log');

/** What another program makes of the log of flows: its own checkpoint, and no commit before it. One import is half. */
const cleaned = async (): Promise<Store> => {
  const store = await temporaryStore();
  for (let i = 0; i < CHECKPOINT_EVERY + 3; i++) await addFlows(store, `a${i}`, 1);
  rmSync(join(store.path, 'imports', '_delta_log', `${String(CHECKPOINT_EVERY + 2).padStart(20, '0')}.json`));
  rmSync(join(logOf(store), `.${checkpoint}`));
  for (const name of readdirSync(logOf(store)))
    if (/^\d{20}\.json$/.test(name) && Number(name.slice(0, 20)) < CHECKPOINT_EVERY) rmSync(join(logOf(store), name));
  return store;
};

const reopen = async (store: Store): Promise<Store> => {
  const other = await openStore(store.path);
  await other.bindKey('0123456789abcdef');
  return other;
};

const counts = 'SELECT count(*) AS n, count(DISTINCT source) AS imports FROM flows';
const all = [{ n: CHECKPOINT_EVERY + 2, imports: CHECKPOINT_EVERY + 2 }];

const expectWhole = async (store: Store): Promise<void> => {
  const other = await reopen(store);
  expect(await ask(other, counts)).toEqual(all);
  expect((await other.verify()).flatMap(({ problems }) => problems)).toEqual([]);
  // It is known what is there, and goes on.
  expect(await addFlows(other, 'a0', 1)).toEqual({ added: false });
  expect(await addFlows(other, 'more', 1)).toEqual({ added: true });
  expect(await ask(await reopen(store), counts)).toEqual([{ n: CHECKPOINT_EVERY + 3, imports: CHECKPOINT_EVERY + 3 }]);
};

test('a log whose beginning is in the checkpoint of another program is read from there', async () => {
  await expectWhole(await cleaned());
}, 60_000);

test('also one of several parts, with columns of its own, if all of them are there', async () => {
  const store = await cleaned();
  const path = join(logOf(store), `${checkpoint}.parquet`);
  const partOf = (part: number): string => join(logOf(store), `${checkpoint}.000000000${part}.0000000002.parquet`);
  const engine = await startEngine({ threads: 1 });
  const connection = await engine.connect();
  for (const part of [1, 2])
    await connection.run(
      `COPY (SELECT * EXCLUDE (add), CASE WHEN add IS NOT NULL THEN struct_pack(path := add.path, partitionValues := add.partitionValues,
         size := add.size, modificationTime := add.modificationTime, dataChange := false, stats := add.stats,
         tags := map_from_entries(list_filter(map_entries(add.tags), one -> one.key NOT LIKE 'own%')), stats_parsed := {numRecords: 1})
         END AS add FROM read_parquet(${literal(path)}, file_row_number = true) WHERE file_row_number % 2 = ${part - 1})
       TO ${literal(partOf(part))} (FORMAT parquet)`,
    );
  engine.closeSync();
  rmSync(path);
  await expectWhole(store);
  rmSync(partOf(2));
  const [problem] = (await (await reopen(store)).inventory())[0]!.problems;
  expect(problem).toMatchObject({ table: 'flows', reason: 'the commit is missing, but later ones are there' });
}, 60_000);

test('one of version 2 is told, with what to do', async () => {
  const store = await cleaned();
  const name = `${checkpoint}.3a0d65cd-4056-49b8-937b-95f9e3ee90e5.parquet`;
  renameSync(join(logOf(store), `${checkpoint}.parquet`), join(logOf(store), name));
  const other = await reopen(store);
  const snapshot = await other.snapshot();
  expect(snapshot.problems[0]?.reason).toMatch(/checkpoint of version 2: let it write a classic one/);
  await snapshot.close();
  await expect(addFlows(other, 'more', 1)).rejects.toMatchObject({ code: 'SONDE_STORE_CORRUPT' });
}, 60_000);
