import { expect, test } from 'vitest';
import { snapshotOf, temporaryStore } from '../../../test/store-fixture.ts';
import { readParameters, toDuckdb } from './dialect.ts';

test('placeholders become typed parameters, but not inside strings, names and comments', () => {
  const { sql, values } = toDuckdb(
    `SELECT '{a:String}', "{a:String}" -- {a:String}\n/* {a:String} */, {a:String}, {n: Int64}, {xs:Array(String)}, {'k': 1}`,
    { a: "it's", n: 7, xs: ['x'] },
  );
  expect(sql).toBe(
    `SELECT '{a:String}', "{a:String}" -- {a:String}\n/* {a:String} */, CAST($a AS VARCHAR), CAST($n AS BIGINT), CAST($xs AS VARCHAR[]), {'k': 1}`,
  );
  expect(values).toMatchObject({ a: "it's", n: 7n, xs: { items: ['x'] } });
});

test('a placeholder without value is a bug in the query', () => {
  expect(() => toDuckdb('SELECT {a:String}')).toThrow('the placeholder {a:String} has no value');
});

test('what is no placeholder is a struct', async () => {
  const snapshot = await snapshotOf(await temporaryStore());
  expect(await (await snapshot.query('SELECT CAST({a: n} AS VARCHAR) AS s FROM range(1) AS r(n)')).rows()).toEqual([
    { s: "{'a': 0}" },
  ]);
});

test('values that a person typed are read by the types of the placeholders', () => {
  const sql = `SELECT {s:String}, {n:Int64}, {x:Float64}, {b:Bool}, {ss:Array(String)}, {ns:Array(Int64)}, {s:String}`;
  const typed = { s: 'WhatsApp', n: '-5', x: '1e-3', b: 'false', ss: '["a"]', ns: '[1,2]' };
  expect(readParameters(sql, new Map(Object.entries(typed)))).toEqual({
    s: 'WhatsApp',
    n: -5,
    x: 0.001,
    b: false,
    ss: ['a'],
    ns: [1, 2],
  });
});

test.each([
  ['{a:String}', {}, 'the placeholder {a:String} has no value'],
  ["'{a:String}'", { a: 'x' }, 'the query has no such placeholder'],
  ['{a:Int64}', { a: '1.5' }, 'not a value of type Int64'],
  ['{a:Int64}', { a: '9007199254740993' }, 'not a value of type Int64'],
  ['{a:Float64}', { a: '' }, 'not a value of type Float64'],
  ['{a:Bool}', { a: 'yes' }, 'not a value of type Bool'],
  ['{a:Array(String)}', { a: '[1]' }, 'not a value of type Array(String)'],
  ['{a:Array(Int64)}', { a: '[1' }, 'not a value of type Array(Int64)'],
])('SELECT %s refuses %o', (sql, typed, message) => {
  expect(() => readParameters(`SELECT ${sql}`, new Map(Object.entries(typed)))).toThrow(message);
});

test('parameters of every type arrive as they are', async () => {
  const snapshot = await snapshotOf(await temporaryStore());
  const result = await snapshot.query(
    'SELECT {s:String} AS s, {n:Int64} AS n, {x:Float64} AS x, {b:Bool} AS b, {ss:Array(String)} AS ss, {ns:Array(Int64)} AS ns',
    { s: "'; DROP TABLE flows --", n: -(2 ** 53 - 1), x: 0.5, b: true, ss: ['a', ''], ns: [1, 2] },
  );
  expect(await result.rows()).toEqual([
    { s: "'; DROP TABLE flows --", n: -(2 ** 53 - 1), x: 0.5, b: true, ss: ['a', ''], ns: [1, 2] },
  ]);
  expect(result.columns.map(({ kind }) => kind)).toEqual(['text', 'count', 'real', 'flag', 'texts', 'counts']);
});
