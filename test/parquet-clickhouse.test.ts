/** ClickHouse reads the same values from a segment that the tickets had. */
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Interner } from '../src/kit/interner.ts';
import { all, shapedRows, shapes, told, writeParquet } from './parquet-rows.ts';
import { sealRows } from './store-fixture.ts';

const child = fileURLToPath(new URL('chdb-child.cjs', import.meta.url));

const structure =
  'key String, seen Nullable(DateTime64(6)), n Nullable(Int64), ratio Nullable(Float64), yes Nullable(Bool), word String, words Array(String), numbers Array(Int64)';

test('a file of each shape', () => {
  const names = Object.keys(shapes);
  const rowsOfFiles = names.map((shape) => [
    shapedRows(shape, 1, 300),
    shapedRows('few values', 2, 300),
    shapedRows(shape, 3, 3000),
  ]);
  const queries = rowsOfFiles.map((parts) => {
    const interner = new Interner();
    const path = writeParquet(parts.map((rows, i) => sealRows(all, rows, i < 2 ? interner : new Interner())));
    return `SELECT key, toString(toUnixTimestamp64Micro(seen)), toString(n), ratio, yes, word, words, arrayMap(one -> toString(one), numbers)
      FROM file('${relative(tmpdir(), path)}', Parquet, '${structure}') SETTINGS max_threads = 1`;
  });
  const options = { cwd: tmpdir(), env: { ...process.env, TZ: 'UTC' }, maxBuffer: 2 ** 26 };
  const out = execFileSync(process.execPath, [child, JSON.stringify(queries)], { ...options, encoding: 'utf8' });
  const answers = JSON.parse(out) as readonly (readonly unknown[])[];
  for (const [i, name] of names.entries()) expect(answers[i], name).toEqual(rowsOfFiles[i]!.flat().map(told));
});
