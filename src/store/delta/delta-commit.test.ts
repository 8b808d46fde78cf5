import { expect, test } from 'vitest';
import { parseCommit, writeCommit } from './delta-commit.ts';

const actions = [{ txn: { appId: 'import:a', version: 1 } }, { add: { path: 'b.parquet', size: 3 } }];

test('a commit is a line an action, after one that tells who wrote it and its hash', () => {
  const text = writeCommit(actions, 1393092000000);
  const [info, ...rest] = text.trimEnd().split('\n');
  expect(info).toMatch(
    /^\{"commitInfo":\{"timestamp":1393092000000,"operation":"WRITE","engineInfo":"Sonde","sha256":"[0-9a-f]{64}"\}\}$/,
  );
  expect(rest).toEqual(['{"txn":{"appId":"import:a","version":1}}', '{"add":{"path":"b.parquet","size":3}}']);
  expect(parseCommit(text)?.slice(1)).toEqual(actions);
});

test('every flipped bit is noticed, wherever it is', () => {
  const bytes = Buffer.from(writeCommit(actions, 1393092000000));
  const accepted: number[] = [];
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    if (parseCommit(flipped.toString('utf8')) !== undefined) accepted.push(bit);
  }
  expect(accepted).toEqual([]);
});

test('a commit that was cut off is not read, wherever that was', () => {
  const text = writeCommit(actions, 1393092000000);
  const read = Array.from({ length: text.length }, (_, length) => parseCommit(text.slice(0, length)));
  expect(read.every((commit) => commit === undefined)).toBe(true);
});

test('a commit of another program is read without a hash, if every line is an action', () => {
  expect(parseCommit('{"commitInfo":{"engineInfo":"Spark"}}\n{"add":{"path":"x"}}\n')).toHaveLength(2);
  expect(parseCommit('{"commitInfo":{}}\n[1]\n')).toBeUndefined();
  expect(parseCommit('{"commitInfo":{}}\n{"add":7}\n')).toBeUndefined();
  expect(parseCommit('{"commitInfo":{}}\n{"add":{\n')).toBeUndefined();
});
