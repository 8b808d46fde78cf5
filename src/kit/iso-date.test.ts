import { expect, test } from 'vitest';
import { parseIsoDate } from './iso-date.ts';

test.each([
  ['1970-01-01', 0],
  ['2014-02-22', Date.UTC(2014, 1, 22) * 1000],
  ['2014-02-22T19:00Z', Date.UTC(2014, 1, 22, 19) * 1000],
  ['2014-02-22T19:00:05Z', Date.UTC(2014, 1, 22, 19, 0, 5) * 1000],
  ['2014-02-22T19:00:05.000001Z', Date.UTC(2014, 1, 22, 19, 0, 5) * 1000 + 1],
  ['2016-02-29', Date.UTC(2016, 1, 29) * 1000],
])('%s', (text, at) => {
  expect(parseIsoDate(text)).toBe(at);
});

test.each([
  '',
  '2014',
  '22.02.2014',
  '2014-02-30',
  '2015-02-29',
  '2014-13-01',
  '2014-02-22T24:00Z',
  '2014-02-22T19:00',
  '2014-02-22 19:00Z',
])('%s is no date', (text) => {
  expect(parseIsoDate(text)).toBeUndefined();
});
