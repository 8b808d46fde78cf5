/** What is written is read by an engine that shares no code with it, value by value and type by type. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { all, shapedRows, shapes, told, writeParquet } from '../../../test/parquet-rows.ts';
import { sealRows } from '../../../test/store-fixture.ts';
import { Interner } from '../../kit/interner.ts';
import { Random } from '../../kit/random.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
});
afterAll(() => connection.closeSync());

const ask = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
  (await connection.runAndReadAll(sql)).getRowsJson();

const readBack = (path: string) =>
  ask(`SELECT key, epoch_us(seen), n, ratio, yes, word, words, numbers FROM read_parquet('${path}')`);

describe.each(Object.keys(shapes))('%s', (shape) => {
  test.each([1, 2, 7, 8, 9, 31, 32, 33, 127, 128, 129, 130, 1000, 5000])('in %d rows', async (length) => {
    const rows = shapedRows(shape, length, length);
    expect(await readBack(writeParquet([sealRows(all, rows)]))).toEqual(rows.map(told));
  });
});

test('batches of different shapes, one after the other, in several row groups', async () => {
  const random = new Random(20140222);
  const names = Object.keys(shapes);
  for (let run = 0; run < 5; run++) {
    const batches = Array.from({ length: 12 }, () => shapedRows(random.pick(names), run, random.between(1, 700)));
    // A row group ends where codes get other meanings.
    const interners = [new Interner(), new Interner(), new Interner()];
    const path = writeParquet(batches.map((rows, i) => sealRows(all, rows, interners[i >> 2])));
    expect(await readBack(path)).toEqual(batches.flat().map(told));
  }
});

test('types and nesting are as the standard has them', async () => {
  const path = writeParquet([sealRows(all, [{}])]);
  const schema = await ask(
    `SELECT name, type, repetition_type, logical_type FROM parquet_schema('${path}') WHERE name <> 'schema'`,
  );
  const timestamp = expect.stringMatching(/^TimestampType\(isAdjustedToUTC=0, unit=TimeUnit\(.*MICROS=MicroSeconds/);
  expect(schema).toEqual([
    ['key', 'BYTE_ARRAY', 'REQUIRED', 'StringType()'],
    ['seen', 'INT64', 'OPTIONAL', timestamp],
    ['n', 'INT64', 'OPTIONAL', null],
    ['ratio', 'DOUBLE', 'OPTIONAL', null],
    ['yes', 'BOOLEAN', 'OPTIONAL', null],
    ['word', 'BYTE_ARRAY', 'REQUIRED', 'StringType()'],
    ['words', null, 'REQUIRED', 'ListType()'],
    ['list', null, 'REPEATED', null],
    ['element', 'BYTE_ARRAY', 'REQUIRED', 'StringType()'],
    ['numbers', null, 'REQUIRED', 'ListType()'],
    ['list', null, 'REPEATED', null],
    ['element', 'INT64', 'REQUIRED', null],
  ]);
  const types = (await ask(`DESCRIBE FROM read_parquet('${path}')`)).map(([name, type]) => `${name} ${type}`);
  expect(types).toEqual([
    'key VARCHAR',
    'seen TIMESTAMP',
    'n BIGINT',
    'ratio DOUBLE',
    'yes BOOLEAN',
    'word VARCHAR',
    'words VARCHAR[]',
    'numbers BIGINT[]',
  ]);
});

describe('a file of two row groups', () => {
  const interner = new Interner();
  const batches = Array.from({ length: 9 }, (_, k) =>
    sealRows(
      all,
      Array.from({ length: 8192 }, (_, i) => ({
        seen: k * 8192 + i,
        word: `w${k}`,
        ...(i % 2 === 0 ? { n: i - 100, yes: 0 } : {}),
        words: i === 5 ? [`l${k}`] : [],
        key: `5308e82${k}0000${i.toString(16).padStart(4, '0')}`,
      })),
      interner,
    ),
  );

  test('the first ends when it has 65,536 rows, and statistics tell what is in each', async () => {
    const chunks = await ask(
      `SELECT row_group_num_rows, path_in_schema, stats_min_value, stats_max_value, stats_null_count
       FROM parquet_metadata('${writeParquet(batches)}')`,
    );
    expect(chunks).toEqual([
      ['65536', 'key', '5308e82000000000', '5308e82700001fff', '0'],
      ['65536', 'seen', '1970-01-01 00:00:00', '1970-01-01 00:00:00.065535', '0'],
      ['65536', 'n', '-100', '8090', '32768'],
      ['65536', 'ratio', null, null, '65536'],
      ['65536', 'yes', 'false', 'false', '32768'],
      ['65536', 'word', 'w0', 'w7', '0'],
      ['65536', 'words, list, element', 'l0', 'l7', '65528'],
      ['65536', 'numbers, list, element', null, null, '65536'],
      ['8192', 'key', '5308e82800000000', '5308e82800001fff', '0'],
      ['8192', 'seen', '1970-01-01 00:00:00.065536', '1970-01-01 00:00:00.073727', '0'],
      ['8192', 'n', '-100', '8090', '4096'],
      ['8192', 'ratio', null, null, '8192'],
      ['8192', 'yes', 'false', 'false', '4096'],
      ['8192', 'word', 'w8', 'w8', '0'],
      ['8192', 'words, list, element', 'l8', 'l8', '8191'],
      ['8192', 'numbers, list, element', null, null, '8192'],
    ]);
  });

  test.each(["word = 'w8'", "key >= '5308e82800000000'", "seen >= TIMESTAMP '1970-01-01 00:00:00.065536'"])(
    'where %s, the engine does not read the first',
    async (condition) => {
      const path = writeParquet(batches);
      const file = readFileSync(path);
      const [[at]] = (await ask(
        `SELECT min(coalesce(dictionary_page_offset, data_page_offset)) FROM parquet_metadata('${path}') WHERE row_group_id = 1`,
      )) as [[string]];
      // Without its first row group, the file cannot be read as a whole.
      writeFileSync(path, file.fill(0xff, 4, Number(at)));
      await expect(ask(`SELECT sum(length(word)), min(seen) FROM read_parquet('${path}')`)).rejects.toThrow();
      expect(await ask(`SELECT count(word), count(n) FROM read_parquet('${path}') WHERE ${condition}`)).toEqual([
        ['8192', '4096'],
      ]);
    },
  );
});

test('columns that hold nothing, and those that hold one value, take a few bytes a batch', () => {
  const rows = (n: number) => Array.from({ length: n }, () => ({ n: 7, word: 'x' }));
  const bytes = (n: number): number => readFileSync(writeParquet([sealRows(all, rows(n))])).length;
  expect(bytes(8192)).toBeLessThan(bytes(1) + 32 * Object.keys(all.columns).length);
});
