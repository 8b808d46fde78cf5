import { describe, expect, test } from 'vitest';
import { decodeStun } from '../packet/stun.ts';
import {
  acceptsPayload,
  comparePayloadPatterns,
  compilePayloadPattern,
  type PayloadPattern,
} from './payload-pattern.ts';

const compile = (text: string): PayloadPattern => compilePayloadPattern(text) as PayloadPattern;
const accepts = (pattern: string, hex: string): boolean => {
  const bytes = Buffer.from(`00${hex.replaceAll(' ', '')}00`, 'hex');
  const [start, end] = [1, bytes.length - 1];
  return acceptsPayload(compile(pattern), bytes, start, end, decodeStun(bytes, start, end));
};
const stun = (attributes: string): string =>
  `0003 ${(attributes.replaceAll(' ', '').length / 2).toString(16).padStart(4, '0')} 2112a442 000000000000000000000000 ${attributes}`;

test('bytes are compared with the beginning, and no further', () => {
  expect(accepts('57 41 01 05', '57 41 01 05 00')).toBe(true);
  expect(accepts('57 41 01 05', '57 41 01 05')).toBe(true);
  expect(accepts('57 41 01 05', '57 41 01')).toBe(false);
  expect(accepts('57 41 01 00', '57 41 01')).toBe(false);
  expect(accepts('57 41 01 05', '00 57 41 01 05')).toBe(false);
});

test('digits may be large, and blanks many', () => {
  expect(compile(' 5A  ff 00 Ab ')).toEqual({
    kind: 'bytes',
    text: '5a ff 00 ab',
    bytes: Uint8Array.of(0x5a, 0xff, 0, 0xab),
  });
});

test('STUN is known by its message, and by one of its attributes', () => {
  expect(accepts('stun', stun(''))).toBe(true);
  expect(accepts('stun 4000', stun('8022 0000 4000 0002 0102'))).toBe(true);
  expect(accepts('stun 4000', stun('0019 0004 40000000'))).toBe(false);
  expect(accepts('stun', '0003 0000 2112a443 000000000000000000000000')).toBe(false);
});

describe('what is no pattern is told', () => {
  test.each([
    ['57 41 01', 'takes 4 to 32 bytes'],
    [Array.from({ length: 33 }, () => '00').join(' '), 'takes 4 to 32 bytes'],
    ['57410105', 'expected bytes as 57 41 01 05, or stun, or stun 4000'],
    ['stun 400', 'expected bytes as 57 41 01 05, or stun, or stun 4000'],
    ['quic', 'expected bytes as 57 41 01 05, or stun, or stun 4000'],
    ['', 'expected bytes as 57 41 01 05, or stun, or stun 4000'],
  ])('%j', (text, problem) => {
    expect(compilePayloadPattern(text)).toBe(problem);
  });
});

test('the more specific comes first', () => {
  const texts = ['stun', 'stun 4000', '57 41 01 05', '57 41 01 05 00'];
  expect(
    texts
      .map(compile)
      .sort(comparePayloadPatterns)
      .map(({ text }) => text),
  ).toEqual([...texts].reverse());
});
