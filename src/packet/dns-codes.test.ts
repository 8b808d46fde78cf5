import { expect, test } from 'vitest';
import { qtypeName, rcodeName } from './dns-codes.ts';

test('types have their mnemonics, others a number', () => {
  expect([1, 28, 65, 255, 65280, 0].map(qtypeName)).toEqual(['A', 'AAAA', 'HTTPS', 'ANY', 'TYPE65280', 'TYPE0']);
});

test('a message without a question has no type', () => {
  expect(qtypeName(-1)).toBe('');
});

test('response codes have their mnemonics, others a number', () => {
  expect([0, 3, 11, 12, 16, 23, 24, 4095].map(rcodeName)).toEqual([
    'NOERROR',
    'NXDOMAIN',
    'DSOTYPENI',
    'RCODE12',
    'BADVERS',
    'BADCOOKIE',
    'RCODE24',
    'RCODE4095',
  ]);
});
