/** Job files from disk: folders with all `*.job.sql` under them, or single files. */
import { namedFiles, readNamedFile } from '../kit/named-files.ts';
import type { Job } from './job.ts';
import { parseJob } from './parse-job.ts';

const isJobFile = (name: string): boolean => name.endsWith('.job.sql');

/** @throws SONDE_INPUT_NOT_FOUND, SONDE_INPUT_UNREADABLE, SONDE_JOB_INVALID */
export const loadJobs = (paths: readonly string[]): readonly Job[] =>
  paths
    .flatMap((path) => namedFiles(path, 'job', isJobFile))
    .map(({ path }) => parseJob(path, readNamedFile(path, 'job')));
