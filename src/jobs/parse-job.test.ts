import { expect, test } from 'vitest';
import { SondeError } from '../kit/errors.ts';
import { parseJob } from './parse-job.ts';

const lines = (...text: string[]): string => text.join('\n');

const query = ['', 'SELECT client, count(*) AS n FROM flows GROUP BY client'];
const output = ['output clients', '  client text', '  n count'];

test('a job is a header and a query', () => {
  const text = lines(
    '-- How many flows,',
    '-- by client.',
    'input flows window 60 primary -- the clock',
    'input flows as recent WINDOW 65 DELAY 5',
    'input clients window 60 delay 60',
    'output clients window 3600',
    '  client text -- Pseudonym.',
    '  n count',
    'start 2014-02-22T19:00Z',
    'lateness 30',
    'priority -5',
    'empty run',
    ...query,
    ';',
  );
  expect(parseJob('clients.job.sql', text)).toEqual({
    name: 'clients',
    doc: 'How many flows, by client.',
    file: 'clients.job.sql',
    version: expect.stringMatching(/^[0-9a-f]{12}$/),
    inputs: [
      { table: 'flows', name: 'flows', windowUs: 60e6, delayUs: 0, place: { line: 3, column: 7 } },
      { table: 'flows', name: 'recent', windowUs: 65e6, delayUs: 5e6, place: { line: 4, column: 7 } },
      { table: 'clients', name: 'clients', windowUs: 60e6, delayUs: 60e6, place: { line: 5, column: 7 } },
    ],
    stepUs: 60e6,
    outputWindowUs: 3600e6,
    columns: { client: { kind: 'text', doc: 'Pseudonym.' }, n: { kind: 'count', doc: '' } },
    priority: -5,
    startUs: Date.UTC(2014, 1, 22, 19) * 1000,
    latenessUs: 30e6,
    runsEmpty: true,
    sql: 'SELECT client, count(*) AS n FROM flows GROUP BY client\n',
    sqlPlace: { line: 14, column: 1 },
    place: { line: 6, column: 8 },
  });
});

test('what is left out: the only input is primary, an output window is a day or 1,440 windows', () => {
  const job = parseJob('x', lines('input flows window 60', ...output, ...query));
  expect(job).toMatchObject({ stepUs: 60e6, outputWindowUs: 86_400e6, priority: 0, latenessUs: 0, runsEmpty: false });
  expect(job.startUs).toBeUndefined();
  expect(parseJob('x', lines('input flows window 1', ...output, ...query)).outputWindowUs).toBe(1440e6);
  expect(parseJob('x', lines('input flows window 172800', ...output, ...query)).outputWindowUs).toBe(172_800e6);
});

test('without a primary input the output is the clock', () => {
  const text = lines(
    'input flows window 60',
    'input dns window 600',
    'output clients window 120',
    '  n count',
    ...query,
  );
  expect(parseJob('x', text).stepUs).toBe(120e6);
});

test('the same text has the same version, any other has another', () => {
  const text = lines('input flows window 60', ...output, ...query);
  expect(parseJob('x', text).version).toBe(parseJob('y', text).version);
  expect(parseJob('x', `${text} `).version).not.toBe(parseJob('x', text).version);
});

const wrong: readonly (readonly [place: string, message: string, text: readonly string[]])[] = [
  ['1:1', 'inptu is no such word', ['inptu flows window 60']],
  ['1:1', 'an input has no table', ['input']],
  ['1:7', 'the input flows has no window', ['input flows']],
  ['1:13', 'window has no value', ['input flows window']],
  ['1:20', 'not a number of seconds', ['input flows window 1.5']],
  ['1:20', 'not a number of seconds', ['input flows window 0']],
  ['1:29', 'not a number of seconds', ['input flows window 60 delay -1']],
  ['1:23', 'window stands twice', ['input flows window 60 window 60']],
  ['1:23', 'wat is no such word', ['input flows window 60 wat']],
  ['1:7', 'Flows cannot be a name: small letters, digits and _, 63 at most', ['input Flows window 60']],
  ['2:7', 'two inputs are called flows', ['input flows window 60', 'input flows window 65']],
  ['2:21', 'two inputs are primary', ['input flows window 60 primary', 'input dns window 60 primary']],
  ['1:7', 'no input is primary', ['input flows window 60', 'input dns window 60', ...output, ...query]],
  ['1:8', 'flows is a table of tickets', ['output flows']],
  ['1:8', 'runs is a table of tickets', ['output runs']],
  ['2:1', 'a second output', ['output clients', 'output others']],
  ['1:3', 'a column before the output', ['  n count']],
  ['2:3', 'the column n has no kind', ['output clients', '  n']],
  ['2:5', 'int is no kind of column', ['output clients', '  n int']],
  ['2:11', 'here says nothing here', ['output clients', '  n count here']],
  ['3:3', 'two columns are called n', ['output clients', '  n count', '  n count']],
  ['2:3', 'every row gets source from its window', ['output clients', '  source text']],
  ['2:11', 'vantage is a text', ['output clients', '  vantage count']],
  ['1:10', 'not a whole number', ['priority high']],
  ['1:7', 'not a point in time', ['start yesterday']],
  ['1:7', 'skip is not known', ['empty skip']],
  ['2:1', 'lateness stands twice', ['lateness 1', 'lateness 2']],
  ['2:1', 'the job has no output', ['input flows window 60', '']],
  ['2:8', 'the output has no columns', ['input flows window 60', 'output clients', ...query]],
  ['4:1', 'the job has no query', ['input flows window 60', 'output clients', '  n count', '']],
  [
    '1:8',
    'the window of the output is no multiple of the primary one',
    ['output clients window 90', '  n count', 'input flows window 60', ...query],
  ],
  ['1:7', 'a job cannot read what it is about to write', ['input clients window 60 delay 30', ...output, ...query]],
];

test.each(wrong)('%s: %s', (place, message, text) => {
  let error: unknown;
  try {
    parseJob('x.job.sql', lines(...text));
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(SondeError);
  expect(error).toMatchObject({ code: 'SONDE_JOB_INVALID', message, fields: { file: `x.job.sql:${place}` } });
  expect((error as SondeError).hint).not.toBe('');
});

test('a file of any size is refused before it is read', () => {
  expect(() => parseJob('x', ' '.repeat(100_001))).toThrow('more than 100000 characters');
});
