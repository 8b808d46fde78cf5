/** Job files from disk: folders with all `*.job.sql` under them, or single files. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import type { Job } from './job.ts';
import { parseJob } from './parse-job.ts';

const isJobFile = (name: string): boolean => name.endsWith('.job.sql');

const filesOf = (path: string): readonly string[] => {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter(isJobFile)
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    throw new SondeError(
      'SONDE_INPUT_NOT_FOUND',
      'no such job file or folder',
      { file: path },
      'check the path',
      cause,
    );
  }
};

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SondeError(
      'SONDE_INPUT_UNREADABLE',
      'the job file cannot be read',
      { file: path },
      'check its permissions',
      cause,
    );
  }
};

/** @throws SONDE_INPUT_NOT_FOUND, SONDE_INPUT_UNREADABLE, SONDE_JOB_INVALID */
export const loadJobs = (paths: readonly string[]): readonly Job[] =>
  paths.flatMap(filesOf).map((path) => parseJob(path, read(path)));
