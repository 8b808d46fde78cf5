import { expect, test } from 'vitest';
import { ByteBuffer } from './byte-buffer.ts';
import { bool, i32, i64, list, string, struct, type ThriftValue } from './thrift.ts';

const hex = (value: ThriftValue): string => {
  const out = new ByteBuffer();
  value.write(out);
  return Buffer.from(out.written).toString('hex');
};

test('fields are steps and types, ended by 0; those that are undefined are left out', () => {
  expect(hex(struct({ 1: i32(1), 2: undefined, 4: i64(-1), 5: struct({}) }))).toBe('1502' + '3601' + '1c00' + '00');
});

test('a boolean is its type', () => {
  expect(hex(struct({ 7: bool(true), 8: bool(false) }))).toBe('71' + '12' + '00');
});

test('texts have their length in front, lists their count and type', () => {
  expect(hex(list([string('ab'), string('')]))).toBe('28' + '026162' + '00');
  expect(hex(list(Array.from({ length: 15 }, () => i32(0))))).toBe(`f50f${'00'.repeat(15)}`);
});

test('numbers beyond 32 bits', () => {
  expect(hex(i64(2 ** 40))).toBe('80808080' + '8040');
});
