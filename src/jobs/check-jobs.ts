/** Checks jobs as a whole: their order, and each query against header and inputs. */
import type { Workbench } from '../store/index.ts';
import type { Table } from '../tickets/column.ts';
import { runs, tables } from '../tickets/index.ts';
import { checkJob } from './check-job.ts';
import type { Job } from './job.ts';
import { orderJobs } from './order-jobs.ts';
import { outputTable } from './output-table.ts';
import { rollupFamilies } from './rollup-families.ts';

/**
 * @param stored the tables of the store: a job may read one whose own job is gone
 * @returns the jobs, those that fill a table before those that read it
 * @throws SONDE_JOB_INVALID
 */
export const checkJobs = async (
  jobs: readonly Job[],
  bench: Workbench,
  stored: readonly Table[] = [],
): Promise<readonly Job[]> => {
  const ordered = orderJobs(
    jobs,
    stored.map(({ name }) => name),
  );
  const known = new Map([...tables, runs, ...stored].map((table) => [table.name, table]));
  for (const job of ordered) known.set(job.name, outputTable(job, known.get(job.name)));
  rollupFamilies(ordered);
  for (const job of ordered) await checkJob(job, (name) => known.get(name)!, bench);
  return ordered;
};
