import { expect, test } from 'vitest';
import { counted, formatValue } from './format.ts';

test('bytes are decimal with three digits', () => {
  expect([0, 999, 1000, 1234, 70_000, 999_499, 999_500, 1.5e9].map((value) => formatValue('bytes', value))).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '1.23 kB',
    '70 kB',
    '999 kB',
    '1 MB',
    '1.5 GB',
  ]);
});

test('durations take the unit that a person would', () => {
  const values = [0, 850, 999_400, 106_000, 3_250_000, 90e6, 1_500e6, 7200e6, 24 * 3600e6];
  expect(values.map((value) => formatValue('duration_us', value))).toEqual([
    '0 µs',
    '850 µs',
    '999 ms',
    '106 ms',
    '3.25 s',
    '1.5 min',
    '25 min',
    '2 h',
    '1 d',
  ]);
});

test('a share never rounds to nothing or to all of it unless it is', () => {
  expect([0, 0.0001, 0.362, 0.5, 0.9999, 1].map((value) => formatValue('share', value))).toEqual([
    '0 %',
    '< 0.1 %',
    '36.2 %',
    '50 %',
    '> 99.9 %',
    '100 %',
  ]);
});

test('a time carries its zone', () => {
  const at = 1_432_582_227_604_482;
  expect(formatValue('time', at)).toBe('2015-05-25 19:30:27 UTC');
  expect(formatValue('time', at, 'Europe/Vienna')).toBe('2015-05-25 21:30:27 GMT+2');
});

test('a value not observed is neither 0 nor empty', () => {
  expect(formatValue('count', null)).toBe('-');
  expect(formatValue('bytes', Number.NaN)).toBe('-');
  expect(formatValue('text', '')).toBe('');
});

test('counts are grouped and numbers take their noun', () => {
  expect(formatValue('count', 1_364_480)).toBe('1,364,480');
  expect(formatValue('asn', 36351)).toBe('AS36351');
  expect(counted(1, 'flow')).toBe('1 flow');
  expect(counted(12_000, 'address', 'addresses')).toBe('12,000 addresses');
});

test('text from outside can neither drive a terminal nor turn around', () => {
  expect(formatValue('text', 'a\u001b[31mb\u0000\u202ec\ud800')).toBe('a\\u001b[31mb\\u0000\\u202ec\\ud800');
  expect(formatValue('text', 'münchen.example 😀')).toBe('münchen.example 😀');
});
