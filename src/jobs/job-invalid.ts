/** The error of a job file: what is wrong with it, where, and what to do. */
import { SondeError } from '../kit/errors.ts';
import type { Place } from './job.ts';

/** @param hint what to write instead */
export const jobInvalid = (file: string, { line, column }: Place, message: string, hint: string): SondeError =>
  new SondeError('SONDE_JOB_INVALID', message, { file: `${file}:${line}:${column}` }, hint);
