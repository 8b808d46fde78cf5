/** The jobs of some names, and those whose tables they read, near and far. */
import { SondeError } from '../kit/errors.ts';
import type { Job } from './job.ts';

/**
 * @param jobs as `orderJobs` gives them; so is what comes back
 * @param names none stands for all
 * @throws SONDE_NOT_FOUND
 */
export const withInputs = (jobs: readonly Job[], names: readonly string[]): readonly Job[] => {
  if (names.length === 0) return jobs;
  const wanted = new Set(names);
  for (const name of names)
    if (!jobs.some((job) => job.name === name))
      throw new SondeError('SONDE_NOT_FOUND', 'no job is called so', { job: name }, '`sonde jobs list` lists them');
  // Those that are read come before those that read them.
  for (const job of [...jobs].reverse())
    if (wanted.has(job.name)) for (const { table } of job.inputs) wanted.add(table);
  return jobs.filter(({ name }) => wanted.has(name));
};
