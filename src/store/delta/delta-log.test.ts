import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/store-fixture.ts';
import { count, origin, type Table, text, texts } from '../../tickets/column.ts';
import { writeCommit } from './delta-commit.ts';
import { type Commit, DeltaLog, type Outcome } from './delta-log.ts';
import type { WrittenSegment } from './segment.ts';

const table: Table = {
  name: 'calls',
  doc: 'One row a call.',
  columns: { ...origin, callee: text('Who was called.'), seconds: count('How long.'), codecs: texts('Offered.') },
};
const newer: Table = { ...table, columns: { ...table.columns, caller: text('Who called.'), cost: count('Cents.') } };

const segment = (file: string): WrittenSegment => ({
  table: 'calls',
  file,
  bytes: 10,
  rows: 1,
  sha256: 'ab',
  columns: 6,
  times: {},
  hours: undefined,
});

const commitOf = (appId: string, segments: readonly WrittenSegment[]): Commit => ({
  transaction: { appId, version: 1 },
  segments,
});

const logFolder = (database: string): string => join(database, 'calls', '_delta_log');
const commitPath = (database: string, version: number): string =>
  join(logFolder(database), `${String(version).padStart(20, '0')}.json`);
const actionsOf = (database: string, version: number) =>
  readFileSync(commitPath(database, version), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('version 0 names the protocol and the columns, and holds the first segments', async () => {
  const database = temporaryFolder();
  expect(await new DeltaLog(database, table).append(commitOf('import:a', [segment('1.parquet')]))).toBe('added');
  const [info, protocol, metaData, transaction, add] = actionsOf(database, 0);
  expect(info.commitInfo.engineInfo).toBe('Sonde');
  expect(protocol).toEqual({
    protocol: {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ['timestampNtz'],
      writerFeatures: ['timestampNtz'],
    },
  });
  expect(JSON.parse(metaData.metaData.schemaString)).toEqual({
    type: 'struct',
    fields: [
      { name: 'source', type: 'string', nullable: false, metadata: { comment: origin.source.doc } },
      { name: 'vantage', type: 'string', nullable: false, metadata: { comment: origin.vantage.doc } },
      { name: 'reported_at', type: 'timestamp_ntz', nullable: true, metadata: { comment: origin.reported_at.doc } },
      { name: 'callee', type: 'string', nullable: false, metadata: { comment: 'Who was called.' } },
      { name: 'seconds', type: 'long', nullable: true, metadata: { comment: 'How long.' } },
      {
        name: 'codecs',
        type: { type: 'array', elementType: 'string', containsNull: false },
        nullable: false,
        metadata: { comment: 'Offered.' },
      },
    ],
  });
  expect(transaction.txn).toMatchObject({ appId: 'import:a', version: 1 });
  expect(add.add.path).toBe('1.parquet');
  expect(readdirSync(logFolder(database))).toHaveLength(1);
});

test('writers that race for the first commits each get their own, and none is lost', async () => {
  const database = temporaryFolder();
  const logs = Array.from({ length: 8 }, () => new DeltaLog(database, table));
  const added = await Promise.all(
    logs.flatMap((log, i) =>
      [0, 1, 2].map((j) => log.append(commitOf(`import:${i}-${j}`, [segment(`${i}-${j}.parquet`)]))),
    ),
  );
  expect(added).toEqual(added.map(() => 'added'));
  const log = new DeltaLog(database, table);
  await log.refresh();
  expect(log.version).toBe(23);
  expect(log.segments.size).toBe(24);
  expect(log.transactions.size).toBe(24);
});

test('of writers that race with one transaction, one adds', async () => {
  const database = temporaryFolder();
  const added = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      new DeltaLog(database, table).append(commitOf('import:same', [segment(`${i}.parquet`)])),
    ),
  );
  expect(added.filter((outcome) => outcome === 'added')).toHaveLength(1);
  const log = new DeltaLog(database, table);
  await log.refresh();
  expect([...log.segments.keys()]).toEqual([`${added.indexOf('added')}.parquet`]);
  expect(log.version).toBe(0);
});

test('a newer program appends its columns, nullable, and keeps those of a newer one still', async () => {
  const database = temporaryFolder();
  await new DeltaLog(database, table).append(commitOf('import:a', [segment('1.parquet')]));
  const id = actionsOf(database, 0)[2].metaData.id;
  await new DeltaLog(database, newer).append(commitOf('import:b', [segment('2.parquet')]));
  const [, { metaData }] = actionsOf(database, 1);
  expect(metaData.id).toBe(id);
  expect(JSON.parse(metaData.schemaString).fields.slice(5)).toEqual([
    expect.objectContaining({ name: 'codecs', nullable: false }),
    { name: 'caller', type: 'string', nullable: true, metadata: { comment: 'Who called.' } },
    { name: 'cost', type: 'long', nullable: true, metadata: { comment: 'Cents.' } },
  ]);
  await new DeltaLog(database, table).append(commitOf('import:c', [segment('3.parquet')]));
  expect(actionsOf(database, 2).map((action) => Object.keys(action)[0])).toEqual(['commitInfo', 'txn', 'add']);
});

test('segments that a commit removes are gone, and unknown actions are passed over', async () => {
  const database = temporaryFolder();
  const log = new DeltaLog(database, table);
  await log.append(commitOf('import:a', [segment('1.parquet'), segment('2.parquet')]));
  const merge = [
    { remove: { path: '1.parquet', dataChange: false } },
    { remove: { path: '2.parquet', dataChange: false } },
    { add: { path: '12.parquet', size: 20, dataChange: false } },
    { domainMetadata: { domain: 'x' } },
    { somethingNew: {} },
  ];
  writeFileSync(commitPath(database, 1), writeCommit(merge, 0));
  await log.refresh();
  expect([...log.segments.values()]).toEqual([
    expect.objectContaining({ file: '12.parquet', bytes: 20, rows: undefined, columns: 6, transaction: undefined }),
  ]);
});

test('the log is read up to a commit that was damaged; nothing is added behind it', async () => {
  const database = temporaryFolder();
  const log = new DeltaLog(database, table);
  for (const i of [0, 1, 2]) await log.append(commitOf(`import:${i}`, [segment(`${i}.parquet`)]));
  const bytes = readFileSync(commitPath(database, 1));
  bytes[200]! ^= 4;
  writeFileSync(commitPath(database, 1), bytes);
  const reader = new DeltaLog(database, table);
  await reader.refresh();
  expect([...reader.segments.keys()]).toEqual(['0.parquet']);
  expect(reader.problem).toEqual({
    table: 'calls',
    file: '_delta_log/00000000000000000001.json',
    reason: 'the commit is not what was written',
  });
  await expect(reader.append(commitOf('import:3', [segment('3.parquet')]))).rejects.toMatchObject({
    code: 'SONDE_STORE_CORRUPT',
  });
  expect(readdirSync(logFolder(database))).toHaveLength(3);
});

test('a missing commit is told from the end of the log', async () => {
  const database = temporaryFolder();
  const log = new DeltaLog(database, table);
  for (const i of [0, 1, 2]) await log.append(commitOf(`import:${i}`, [segment(`${i}.parquet`)]));
  rmSync(commitPath(database, 1));
  const reader = new DeltaLog(database, table);
  await reader.refresh();
  expect(reader.problem?.reason).toBe('the commit is missing, but later ones are there');
  expect(reader.version).toBe(0);
});

test('a table that needs what this program does not know is not read', async () => {
  const database = temporaryFolder();
  mkdirSync(logFolder(database), { recursive: true });
  const protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ['deletionVectors'],
    writerFeatures: [],
  };
  appendFileSync(commitPath(database, 0), writeCommit([{ protocol }], 0));
  const reader = new DeltaLog(database, table);
  await reader.refresh();
  expect(reader.problem?.reason).toBe('reading it needs a newer program (reader version 3 deletionVectors)');
});

test('a version of an application is appended once, and what lies before it is known', async () => {
  const log = new DeltaLog(temporaryFolder(), table);
  const append = (version: number): Promise<Outcome> =>
    log.append({ transaction: { appId: 'stream:a', version }, segments: [segment(`${version}.parquet`)] });
  expect(await append(2)).toBe('added');
  expect([await append(1), await append(2), await append(3)]).toEqual(['known', 'known', 'added']);
  expect(log.transactions.get('stream:a')?.version).toBe(3);
  expect([...log.segments.values()].map(({ transaction }) => transaction?.version)).toEqual([2, 3]);
});

test('a commit takes files out, and others read it so', async () => {
  const database = temporaryFolder();
  const log = new DeltaLog(database, table);
  await log.append(commitOf('a', [segment('1.parquet')]));
  await log.append({ ...commitOf('b', [segment('2.parquet')]), removed: ['1.parquet'] });
  expect(actionsOf(database, 1)[2].remove).toMatchObject({ path: '1.parquet', dataChange: true });
  const other = new DeltaLog(database, table);
  await other.refresh();
  expect([...other.segments.keys()]).toEqual(['2.parquet']);
  expect([...other.removed.keys()]).toEqual(['1.parquet']);
});

test('a segment is replaced once: who comes second is told, and writes nothing', async () => {
  const database = temporaryFolder();
  const writers = [new DeltaLog(database, table), new DeltaLog(database, table), new DeltaLog(database, table)];
  await writers[0]!.append(commitOf('a', [segment('1.parquet'), segment('2.parquet')]));
  const replace = (log: DeltaLog, i: number): Promise<Outcome> =>
    log.append({
      ...commitOf(`merge-${i}`, [segment(`merged-${i}.parquet`)]),
      removed: ['1.parquet', '2.parquet'],
      isRewrite: true,
    });
  const outcomes = await Promise.all(writers.map(replace));
  expect([...outcomes].sort()).toEqual(['added', 'conflict', 'conflict']);
  const winner = outcomes.indexOf('added');
  const log = new DeltaLog(database, table);
  await log.refresh();
  expect([log.version, ...log.segments.keys()]).toEqual([1, `merged-${winner}.parquet`]);
  expect(actionsOf(database, 1).map(({ add, remove }) => (add ?? remove)?.dataChange)).toEqual([
    undefined,
    undefined,
    false,
    false,
    false,
  ]);
  // A commit that stands is known to who repeats it.
  expect(await replace(writers[winner]!, winner)).toBe('known');
});

test('of those who claim the same, one commits, and the others are told', async () => {
  const database = temporaryFolder();
  const claims = [{ appId: 'vantage:vienna', version: 1 }];
  const outcomes = await Promise.allSettled(
    ['a', 'b', 'c'].map((id) =>
      new DeltaLog(database, table).append({ ...commitOf(id, [segment(`${id}.parquet`)]), claims }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'SONDE_STREAM_OVERTAKEN' });
  const log = new DeltaLog(database, table);
  await log.refresh();
  expect(log.segments.size).toBe(1);
});
