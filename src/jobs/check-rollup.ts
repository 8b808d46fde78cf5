/** Can a job that says that it is a rollup be run over any part of its input, so that the parts add up? */
import type { Job } from './job.ts';
import { jobInvalid } from './job-invalid.ts';

/** Where the query names its input: what stands there is replaced where other rows are to be added up. */
export const inputPlaces = (name: string): RegExp => new RegExp(`\\bFROM\\s+${name}\\b`, 'gi');

/** The placeholder for the width of the bins, in microseconds. */
export const binPlaces = /\{bin:Int64\}/g;

/** @throws SONDE_JOB_INVALID */
export const checkRollup = (job: Job): void => {
  const { rollup, inputs, columns, sql } = job;
  if (rollup === undefined) return;
  const fail = (message: string, hint: string): never => {
    throw jobInvalid(job.file, rollup.place, message, hint);
  };
  const [input, other] = inputs;
  if (other !== undefined) fail('a rollup with two inputs', 'the rows of a rollup are made of one input each');
  if (input!.delayUs > 0) fail('a rollup with a delay', 'each row of the input belongs to one window, without delay');
  if (columns[rollup.bin]?.kind !== 'time')
    fail(`the output has no time ${rollup.bin}`, `a line under the output: ${rollup.bin} time`);
  if (sql.match(inputPlaces(input!.name)) === null)
    fail(`the query has no FROM ${input!.name}`, 'a rollup names its input right after FROM');
  if (sql.match(binPlaces) === null)
    fail(
      'the query has no {bin:Int64}',
      'intDiv(toUnixTimestamp64Micro(t), {bin:Int64}) * {bin:Int64} is the bin of t',
    );
  if (/\{window_(start|end):Int64\}/.test(sql))
    fail('a rollup that asks for its window', 'it is run over other parts of its input too');
};
