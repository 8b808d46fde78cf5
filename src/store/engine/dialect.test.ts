import { expect, test } from 'vitest';
import { snapshotOf, temporaryStore } from '../../../test/store-fixture.ts';
import { toDuckdb } from './dialect.ts';

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

test('a placeholder without value, or of an unknown type, is a bug in the query', () => {
  expect(() => toDuckdb('SELECT {a:String}')).toThrow('the placeholder {a:String} has no value');
  expect(() => toDuckdb('SELECT {a:UInt8}', { a: 1 })).toThrow('has a type that queries do not use');
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
