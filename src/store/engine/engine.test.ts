import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/store-fixture.ts';
import { literal, lockEngine, startEngine } from './engine.ts';

const start = async () => {
  const engine = await startEngine({ threads: 1, memoryMb: 64 });
  onTestFinished(() => engine.closeSync());
  return engine;
};

test('a locked engine reads the files that it was given and nothing else, and cannot be unlocked', async () => {
  const folder = temporaryFolder();
  const [mine, other] = [join(folder, 'mine.csv'), join(folder, "other's.csv")];
  for (const path of [mine, other]) writeFileSync(path, 'n\n1\n');
  const connection = await (await start()).connect();
  await lockEngine(connection, [mine]);
  expect((await connection.runAndReadAll(`SELECT n FROM ${literal(mine)}`)).getRowsJson()).toEqual([['1']]);
  const target = join(folder, 'target');
  for (const sql of [
    `SELECT * FROM read_text(${literal(other)})`,
    `SELECT * FROM glob('/etc/*')`,
    `COPY (SELECT 1) TO ${literal(target)}`,
    `ATTACH ${literal(target)} AS x`,
    'SET enable_external_access = true',
    'INSTALL httpfs',
    'LOAD httpfs',
  ])
    await expect(connection.run(sql)).rejects.toThrow();
  expect(existsSync(target)).toBe(false);
});

test('times are UTC on every connection, whatever the machine is set to', async () => {
  const engine = await start();
  const connection = await engine.connect();
  const reader = await connection.runAndReadAll(
    "SELECT current_setting('TimeZone'), TIMESTAMPTZ '2014-02-22 18:00:00+00'::TIMESTAMP::VARCHAR",
  );
  expect(reader.getRowsJson()).toEqual([['UTC', '2014-02-22 18:00:00']]);
});

test('what does not fit into memory is spilled, and the folder for it goes away', async () => {
  const folder = temporaryFolder();
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const engine = await startEngine({ threads: 1, memoryMb: 64 });
  const connection = await engine.connect();
  await connection.run('CREATE TABLE t AS SELECT hash(range) AS h, range::VARCHAR AS s FROM range(3000000)');
  expect(readdirSync(folder)).toHaveLength(1);
  connection.closeSync();
  engine.closeSync();
  expect(readdirSync(folder)).toEqual([]);
});
