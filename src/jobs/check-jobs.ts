/** Checks jobs as a whole: their order, and each query against header and inputs. */
import type { Workbench } from '../store/index.ts';
import type { Table } from '../tickets/column.ts';
import { tables } from '../tickets/index.ts';
import { runs } from '../tickets/runs.ts';
import { checkJob } from './check-job.ts';
import type { Job } from './job.ts';
import { orderJobs } from './order-jobs.ts';
import { outputTable } from './output-table.ts';

/**
 * @returns the jobs, those that fill a table before those that read it
 * @throws SONDE_JOB_INVALID
 */
export const checkJobs = async (jobs: readonly Job[], bench: Workbench): Promise<readonly Job[]> => {
  const ordered = orderJobs(jobs);
  const known = new Map<string, Table>(
    [...tables, runs, ...ordered.map((job) => outputTable(job))].map((one) => [one.name, one]),
  );
  for (const job of ordered) await checkJob(job, (name) => known.get(name)!, bench);
  return ordered;
};
