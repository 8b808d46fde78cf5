import { expect, test } from 'vitest';
import { overTickets } from './expand-rollups.ts';
import { parseJob } from './parse-job.ts';
import { rollupFamilies } from './rollup-families.ts';

const bin = 'intDiv(toUnixTimestamp64Micro(started_at), {bin:Int64}) * {bin:Int64}';
const hours = (more: Readonly<Record<string, string>> = {}): string => {
  const {
    input = 'input flows window 3600',
    rollup = 'rollup use bin bin_at of started_at width 3600',
    columns = '  bin_at time\n  flows count',
    sql = `SELECT fromUnixTimestamp64Micro(${bin}) AS bin_at, count(*) AS flows FROM flows GROUP BY bin_at`,
  } = more;
  return `${input}\n${rollup}\noutput use_hours\n${columns}\n${sql}`;
};
const days = (
  rollup = 'rollup use bin bin_at of bin_at width 86400',
  columns = '  bin_at time\n  flows count',
): string =>
  `input use_hours window 86400\n${rollup}\noutput use_days\n${columns}\nSELECT ${bin} AS bin_at FROM use_hours`;

const familiesOf = (...texts: readonly string[]) =>
  rollupFamilies(texts.map((text, i) => parseJob(`${i}.job.sql`, text)));

test('a family begins with the narrowest bins, in whatever order its jobs are named', () => {
  const family = familiesOf(days(), hours()).get('use')!;
  expect(family.map(({ name, rollup }) => [name, rollup.widthUs])).toEqual([
    ['use_hours', 3600e6],
    ['use_days', 86_400e6],
  ]);
});

const mistakes: readonly (readonly [place: string, message: string, ...texts: readonly string[]])[] = [
  [
    '0.job.sql:3:8',
    'a rollup with two inputs',
    hours({ input: 'input flows window 3600 primary\ninput dns window 1' }),
  ],
  ['0.job.sql:2:8', 'a rollup with a delay', hours({ input: 'input flows window 3600 delay 1' })],
  ['0.job.sql:2:8', 'the rollup use has no width', hours({ rollup: 'rollup use bin bin_at of started_at' })],
  ['0.job.sql:2:1', 'a rollup has no name', hours({ rollup: 'rollup' })],
  ['0.job.sql:2:8', 'the output has no time bin_at', hours({ columns: '  flows count' })],
  ['0.job.sql:2:8', 'the query has no FROM flows', hours({ sql: `SELECT ${bin} AS bin_at` })],
  ['0.job.sql:2:8', 'the query has no {bin:Int64}', hours({ sql: 'SELECT 1 AS bin_at FROM flows' })],
  [
    '0.job.sql:2:8',
    'a rollup that asks for its window',
    hours({ sql: `SELECT ${bin}, {window_start:Int64} FROM flows` }),
  ],
  ['0.job.sql:2:8', 'use has no rollup of tickets', days()],
  [
    '1.job.sql:2:8',
    'it is made of use_hours, the bins of which are bin_at',
    hours(),
    days('rollup use bin bin_at of reported_at width 86400'),
  ],
  [
    '1.job.sql:2:8',
    'its bins are not made of whole ones of use_hours',
    hours(),
    days('rollup use bin bin_at of bin_at width 86401'),
  ],
  ['1.job.sql:2:8', 'its columns are not those of use_hours', hours(), days(undefined, '  bin_at time')],
];
test.each(mistakes)('%s: %s', (place, message, ...texts) => {
  expect(() => familiesOf(...texts)).toThrow(expect.objectContaining({ message, fields: { file: place } }));
});

test('a query over a rollup can be run over tickets: one bin for all of time, or bins as it asks', () => {
  const families = familiesOf(hours());
  const rows = (from: string, until: string): string =>
    `(SELECT * FROM flows WHERE started_at >= fromUnixTimestamp64Micro({${from}:Int64}) AND started_at < fromUnixTimestamp64Micro({${until}:Int64})) AS flows`;
  const text = (width: string): string =>
    hours()
      .split('\n')
      .at(-1)!
      .replace('FROM flows', `FROM ${rows('a', 'b')}`)
      .replaceAll('{bin:Int64}', width);
  expect(overTickets('SELECT sum(flows) FROM use({a:Int64}, {b:Int64})', families)).toBe(
    `SELECT sum(flows) FROM (\n${text('9007199254740991')}\n)`,
  );
  expect(overTickets('SELECT * FROM use( {a:Int64},{b:Int64} , {w:Int64})', families)).toBe(
    `SELECT * FROM (\n${text('{w:Int64}')}\n)`,
  );
  expect(overTickets('SELECT least({a:Int64}, {b:Int64}) FROM flows', families)).toBe(
    'SELECT least({a:Int64}, {b:Int64}) FROM flows',
  );
});
