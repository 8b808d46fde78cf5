import { expect, test } from 'vitest';
import { parseCsvLine } from './csv-line.ts';

test.each([
  ['', ['']],
  ['a,b', ['a', 'b']],
  ['a,,', ['a', '', '']],
  ['13335,"Cloudflare, Inc."', ['13335', 'Cloudflare, Inc.']],
  ['"say ""yes""",x', ['say "yes"', 'x']],
  ['"",""', ['', '']],
])('%s', (line, fields) => {
  expect(parseCsvLine(line)).toEqual(fields);
});

test.each(['"a', 'a"b', '"a"b,c', 'a,"b""'])('%s has quotes that do not match', (line) => {
  expect(parseCsvLine(line)).toBeUndefined();
});
