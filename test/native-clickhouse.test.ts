/** ClickHouse, the old one and the new one, reads the same values from a Native block that the tickets had. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { columnType, type Generation } from '../src/store/clickhouse/column-types.ts';
import { type EncodedBlock, NativeBlock } from '../src/store/clickhouse/native-block.ts';
import { hasClickhouse, startCluster } from './clickhouse-servers.ts';
import { all, shapedRows, shapes, told } from './parquet-rows.ts';
import { sealRows, temporaryFolder } from './store-fixture.ts';

const ROWS = 3000;
const names = Object.keys(shapes);

const encode = (shape: string, generation: Generation): EncodedBlock => {
  const block = new NativeBlock(all, generation);
  block.add(
    sealRows(all, shapedRows(shape, 1, ROWS)),
    Int32Array.from({ length: ROWS }, (_, row) => row),
  );
  return block.end([
    { name: 'write_attempt', value: 'first' },
    { name: 'write_block', value: 7 },
  ]);
};

const expected = (shape: string): readonly (readonly unknown[])[] =>
  shapedRows(shape, 1, ROWS).map((row) => [...told(row), 'first', '7']);

const typesOf = (generation: Generation): string =>
  [
    ...Object.entries(all.columns).map(([name, { kind }]) => `${name} ${columnType(name, kind, generation)}`),
    'write_attempt String, write_block UInt32',
  ].join(', ');

const select = (seen: string): string =>
  `SELECT key, toString(${seen}), toString(n), ratio, yes, word, words, arrayMap(one -> toString(one), numbers),
     write_attempt, toString(write_block)`;

test('the new one', () => {
  const folder = temporaryFolder();
  const queries = names.flatMap((shape, i) => {
    const { columns, bytes } = encode(shape, 'current');
    writeFileSync(join(folder, `${i}.native`), bytes);
    return [
      `CREATE TABLE t${i} (${typesOf('current')}) ENGINE = Memory`,
      `INSERT INTO t${i} (${columns.join(', ')}) SELECT * FROM file('${i}.native', Native)`,
      `${select('toUnixTimestamp64Micro(seen)')} FROM t${i}`,
    ];
  });
  const child = fileURLToPath(new URL('chdb-child.cjs', import.meta.url));
  const options = { cwd: folder, env: { ...process.env, TZ: 'UTC' }, maxBuffer: 2 ** 26 };
  const out = execFileSync(process.execPath, [child, JSON.stringify(queries)], { ...options, encoding: 'utf8' });
  const answers = (JSON.parse(out) as readonly (readonly unknown[])[]).filter((rows) => rows.length > 0);
  for (const [i, shape] of names.entries()) expect(answers[i], shape).toEqual(expected(shape));
});

test.skipIf(!hasClickhouse)('the old one', async () => {
  const { servers, stop } = await startCluster();
  const { host, httpPort, ask } = servers[0]!;
  try {
    for (const shape of names) {
      const { columns, bytes } = encode(shape, 'old');
      await ask('DROP TABLE IF EXISTS t');
      await ask(`CREATE TABLE t (${typesOf('old')}) ENGINE = Memory`);
      const insert = Buffer.from(`INSERT INTO t (${columns.join(', ')}) FORMAT Native\n`);
      const url = `http://${host}:${httpPort}/`;
      const response = await fetch(url, { method: 'POST', body: Buffer.concat([insert, bytes]) });
      expect(await response.text(), shape).toBe('');
      const { data } = JSON.parse(await ask(`${select('seen')} FROM t FORMAT JSONCompact`)) as {
        readonly data: readonly (readonly unknown[])[];
      };
      const flags = data.map((row) => row.map((cell, i) => (i === 4 && cell !== null ? cell === 1 : cell)));
      expect(flags, shape).toEqual(expected(shape));
    }
  } finally {
    await stop();
  }
});
