/** Jobs in the order of what they read: those that fill a table before those that ask it. */
import { runs, tables } from '../tickets/index.ts';
import { isOwn, type Job } from './job.ts';
import { jobInvalid } from './job-invalid.ts';

const tickets = new Set([...tables, runs].map(({ name }) => name));

/** Is it a table that imports fill? */
export const isTicketTable = (name: string): boolean => tickets.has(name);

const byName = (jobs: readonly Job[]): ReadonlyMap<string, Job> => {
  const known = new Map<string, Job>();
  for (const job of jobs) {
    const other = known.get(job.name);
    if (other !== undefined)
      throw jobInvalid(job.file, job.place, `${other.file} fills ${job.name} too`, 'one table has one job: rename one');
    known.set(job.name, job);
  }
  return known;
};

/**
 * Sorts jobs so that each comes after those whose tables it reads, and otherwise by name.
 *
 * @param stored tables that are there without a job: what a job filled that is gone
 * @throws SONDE_JOB_INVALID for two jobs that fill one table, a table that nobody fills, and a circle
 */
export const orderJobs = (jobs: readonly Job[], stored: readonly string[] = []): readonly Job[] => {
  const known = byName(jobs);
  const ordered = new Set<Job>();
  const visit = (job: Job, path: readonly Job[]): void => {
    if (ordered.has(job)) return;
    for (const input of job.inputs) {
      if (isOwn(job, input) || isTicketTable(input.table)) continue;
      const producer = known.get(input.table);
      if (producer === undefined) {
        if (stored.includes(input.table)) continue;
        throw jobInvalid(job.file, input.place, `nothing fills ${input.table}`, 'name a table of tickets or of a job');
      }
      const circle = [...path, job, producer];
      if (path.includes(producer) || producer === job)
        throw jobInvalid(
          job.file,
          input.place,
          `a circle: ${circle
            .slice(circle.indexOf(producer))
            .map(({ name }) => name)
            .join(' reads ')}`,
          'only a job may read its own table, with a delay',
        );
      visit(producer, [...path, job]);
    }
    ordered.add(job);
  };
  for (const name of [...known.keys()].sort()) visit(known.get(name)!, []);
  return [...ordered];
};
