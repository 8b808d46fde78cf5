import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/store-fixture.ts';
import { count, origin, type Table } from '../../tickets/column.ts';
import { literal, startEngine } from '../engine/engine.ts';
import { CHECKPOINT_EVERY, readCheckpoint } from './checkpoint.ts';
import { cleanLog } from './clean-log.ts';
import { DeltaLog } from './delta-log.ts';
import type { Transaction } from './transaction.ts';

const table: Table = { name: 'calls', doc: 'One row a call.', columns: { ...origin, seconds: count('How long.') } };

const digits = (version: number): string => String(version).padStart(20, '0');
const folderOf = (database: string): string => join(database, 'calls', '_delta_log');
const textOf = (database: string, version: number): string =>
  join(folderOf(database), `.${digits(version)}.checkpoint`);
const commitOf = (database: string, version: number): string => join(folderOf(database), `${digits(version)}.json`);

const transactionOf = (version: number): Transaction =>
  version === 7
    ? { appId: 'rewrite:x', version: 1 }
    : { appId: version % 2 === 0 ? `import:${version}:` : 'stream:s', version: version + 1 };

/** Each commit adds a segment, and every third takes the one before out. */
const grow = async (log: DeltaLog, commits: number): Promise<void> => {
  const segment = (i: number) => ({
    table: 'calls',
    file: `${i}.parquet`,
    bytes: 10,
    rows: 1,
    sha256: 'ab',
    columns: 4,
    times: { reported_at: [i, i + 1] as const },
    hours: new Map([[0, 1]]),
  });
  for (let i = 0; i < commits; i++) {
    const version = log.version + 1;
    await log.append({
      transaction: transactionOf(version),
      segments: [segment(version)],
      removed: version % 3 === 2 ? [`${version - 1}.parquet`] : [],
      ...(version % 5 === 0 ? { importsVersion: version } : {}),
    });
  }
};

const stateOf = ({ version, importsVersion, segments, transactions, rewrites, removed }: DeltaLog) => ({
  rewrites: [...rewrites],
  version,
  importsVersion,
  segments: [...segments.values()],
  transactions: [...transactions],
  removed: [...removed],
});

const reread = async (database: string): Promise<DeltaLog> => {
  const log = new DeltaLog(database, table);
  await log.refresh();
  return log;
};

const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes[Math.floor(at * bytes.length)]! ^= 4;
  writeFileSync(path, bytes);
};

test('what is read from a checkpoint is what the commits say', async () => {
  const database = temporaryFolder();
  const log = new DeltaLog(database, table);
  await grow(log, CHECKPOINT_EVERY + 10);
  const state = stateOf(await reread(database));
  expect(state).toEqual(stateOf(log));
  expect(state.rewrites).toEqual([['rewrite:x', { version: 7, ranges: [[7, 8]] }]]);
  // Not from the commits, for those before the checkpoint can go.
  for (let version = 0; version < CHECKPOINT_EVERY; version++) rmSync(commitOf(database, version));
  expect(stateOf(await reread(database))).toEqual(state);
  expect((await reread(database)).problem).toBeUndefined();
});

test('the Parquet file says the same to other programs', async () => {
  const database = temporaryFolder();
  await grow(new DeltaLog(database, table), CHECKPOINT_EVERY + 1);
  const engine = await startEngine({ threads: 1 });
  const connection = await engine.connect();
  const file = join(folderOf(database), `${digits(CHECKPOINT_EVERY)}.checkpoint.parquet`);
  const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
  const from = `FROM read_parquet(${literal(file)})`;
  const { version, actions } = (await readCheckpoint(folderOf(database), -1))!;
  expect(version).toBe(CHECKPOINT_EVERY);
  const kinds = ['txn', 'add', 'remove', 'metaData', 'protocol'];
  expect(await read(`SELECT ${kinds.map((kind) => `count("${kind}")`).join(', ')} ${from}`)).toEqual([
    kinds.map((kind) => String(actions.filter((action) => kind in action).length)),
  ]);
  const adds = actions.flatMap(({ add }) => (add === undefined ? [] : [add]));
  expect(await read(`SELECT add.path, add.size, add.stats, add.tags['sha256'] ${from} WHERE add IS NOT NULL`)).toEqual(
    adds.map(({ path, size, stats }) => [path, String(size), stats, 'ab']),
  );
  engine.closeSync();
  const last = JSON.parse(readFileSync(join(folderOf(database), '_last_checkpoint'), 'utf8'));
  expect(last).toEqual({ version: CHECKPOINT_EVERY, size: actions.length - 1, numOfAddFiles: adds.length });
});

test('a damaged checkpoint is left for the one before it', async () => {
  const database = temporaryFolder();
  const log = new DeltaLog(database, table);
  await grow(log, 2 * CHECKPOINT_EVERY + 3);
  for (const at of [0, 0.1, 0.5, 0.9]) {
    const path = textOf(database, 2 * CHECKPOINT_EVERY);
    const whole = readFileSync(path);
    flip(path, at);
    expect((await readCheckpoint(folderOf(database), -1))?.version).toBe(CHECKPOINT_EVERY);
    expect(stateOf(await reread(database))).toEqual(stateOf(log));
    writeFileSync(path, whole);
  }
});

test('a damaged commit that a checkpoint covers is passed over', async () => {
  const database = temporaryFolder();
  const log = new DeltaLog(database, table);
  const early = new DeltaLog(database, table);
  await grow(log, 20);
  await early.refresh();
  await grow(log, CHECKPOINT_EVERY);
  flip(commitOf(database, 30), 0.5);
  expect(stateOf(await reread(database))).toEqual(stateOf(log));
  // Also by who had read the beginning.
  await early.refresh();
  expect(early.problem).toBeUndefined();
  expect(stateOf(early)).toEqual(stateOf(log));
});

test('a log is shortened up to its second newest checkpoint, and who slept meanwhile goes on at the newest', async () => {
  const database = temporaryFolder();
  const log = new DeltaLog(database, table);
  const sleeper = new DeltaLog(database, table);
  await grow(log, 5);
  await sleeper.refresh();
  await grow(log, 3 * CHECKPOINT_EVERY);
  const future = Date.now() + 1000;
  // Nothing is old enough yet.
  expect(await cleanLog(folderOf(database), Date.now() - 3_600_000)).toEqual({ files: 0, bytes: 0 });
  const { files } = await cleanLog(folderOf(database), future);
  expect(files).toBe(2 * CHECKPOINT_EVERY + 2);
  expect(existsSync(commitOf(database, 2 * CHECKPOINT_EVERY - 1))).toBe(false);
  expect(existsSync(commitOf(database, 2 * CHECKPOINT_EVERY))).toBe(true);
  expect(stateOf(await reread(database))).toEqual(stateOf(log));
  // Its next commit must not take a number that was given before.
  await sleeper.append({ transaction: { appId: 'late', version: 1 }, segments: [] });
  await log.refresh();
  expect(sleeper.version).toBe(3 * CHECKPOINT_EVERY + 5);
  expect(stateOf(log)).toEqual(stateOf(sleeper));
});

test('nothing goes while the checkpoints are not both whole', async () => {
  const database = temporaryFolder();
  await grow(new DeltaLog(database, table), 2 * CHECKPOINT_EVERY + 1);
  flip(textOf(database, 2 * CHECKPOINT_EVERY), 0.5);
  expect((await cleanLog(folderOf(database), Date.now() + 1000)).files).toBe(0);
});

test('a commit that is young keeps those after it', async () => {
  const database = temporaryFolder();
  await grow(new DeltaLog(database, table), 3 * CHECKPOINT_EVERY);
  const old = new Date(Date.now() - 7_200_000);
  for (const name of readdirSync(folderOf(database))) utimesSync(join(folderOf(database), name), old, old);
  const now = new Date();
  utimesSync(commitOf(database, 10), now, now);
  await cleanLog(folderOf(database), Date.now() - 3_600_000);
  expect([9, 10, 11].map((version) => existsSync(commitOf(database, version)))).toEqual([false, true, true]);
});
