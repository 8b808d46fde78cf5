/** Does the query of a job give the columns that its header tells? Found out over relations without rows. */
import { SondeError } from '../kit/errors.ts';
import { emptySelect, type Workbench } from '../store/index.ts';
import type { ColumnKind, Table } from '../tickets/column.ts';
import type { Job, Place } from './job.ts';
import { jobInvalid } from './job-invalid.ts';
import { linesBefore, windowParameters, windowSql } from './job-sql.ts';

/** What may come for a column of a kind. */
const fitting: Readonly<Record<ColumnKind, readonly string[]>> = {
  time: ['time'],
  count: ['count'],
  real: ['real', 'count'],
  flag: ['flag'],
  text: ['text'],
  id: ['text'],
  texts: ['texts'],
  counts: ['counts'],
};

const hint =
  'one SELECT over the inputs; {window_start:Int64} and {window_end:Int64} are the window in microseconds, in a rollup ' +
  '{bin:Int64} the width of its bins';

/** The engine names the line and shows it above a caret; what it shows has the placeholders in its own words. */
const placeOf = ({ sqlPlace }: Job, message: string): Place => {
  const [, number = '', shown = '', caret = ''] = /LINE (\d+): (.*)\n( *)\^/.exec(message) ?? [];
  const line = Number(number) - linesBefore;
  if (line < 1) return sqlPlace;
  const before = shown.slice(0, caret.length - `LINE ${number}: `.length);
  const column = before.startsWith('...')
    ? 1
    : before.replaceAll(/CAST\(\$(\w+) AS BIGINT\)/g, '{$1:Int64}').length + 1;
  return { line: sqlPlace.line + line - 1, column };
};

const firstLine = (error: Error): string => error.message.split('\n')[0]!;

const checkColumns = (job: Job, given: ReadonlyMap<string, string>): void => {
  const fail = (message: string, hint: string): never => {
    throw jobInvalid(job.file, job.sqlPlace, message, hint);
  };
  for (const [name, { kind }] of Object.entries(job.columns)) {
    const found = given.get(name);
    if (found === undefined) fail(`the query gives no column ${name}`, `give it: ... AS ${name}`);
    else if (!fitting[kind].includes(found))
      fail(`${name} is a ${kind} by the header and a ${found} by the query`, 'change one of them');
  }
  for (const name of given.keys())
    if (!(name in job.columns))
      fail(`the query gives a column ${name} that the header has not`, 'add it under `output`');
};

/**
 * Checks the query of a job against its header and its inputs.
 *
 * @param tableOf the columns of an input
 * @throws SONDE_JOB_INVALID
 */
export const checkJob = async (job: Job, tableOf: (name: string) => Table, bench: Workbench): Promise<void> => {
  const { rollup } = job;
  const binned = rollup && tableOf(job.inputs[0]!.table).columns[rollup.of];
  if (rollup && binned?.kind !== 'time')
    throw jobInvalid(job.file, rollup.place, `the input has no time ${rollup.of}`, 'name a column of the input');
  const inputs = job.inputs.map(({ name }) => name);
  try {
    await bench.check(job.sql.replaceAll(/\{(window_start|window_end|bin):Int64\}/g, '0'), inputs);
  } catch (error) {
    // What is no SQL is said below, with its place.
    if (error instanceof SondeError && error.code === 'SONDE_QUERY_REFUSED')
      throw jobInvalid(job.file, job.sqlPlace, error.message, hint);
  }
  const relations = new Map(job.inputs.map(({ name, table }) => [name, `(${emptySelect(tableOf(table))})`]));
  try {
    const columns = await bench.describe(windowSql(job, 0, relations), windowParameters(job, 0));
    checkColumns(job, new Map(columns.map(({ name, kind }) => [name, kind])));
  } catch (error) {
    if (error instanceof SondeError && error.code === 'SONDE_JOB_INVALID') throw error;
    if (!(error instanceof Error)) throw error;
    throw jobInvalid(job.file, placeOf(job, error.message), firstLine(error), hint);
  }
};
