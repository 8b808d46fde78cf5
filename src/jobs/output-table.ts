/** The table that a job fills: the columns of its header behind the three with which every table begins. */
import { origin, type Table } from '../tickets/column.ts';
import type { Job } from './job.ts';
import { jobInvalid } from './job-invalid.ts';

/**
 * @param stored the table as it is in the store: its columns stay where they are, and new ones come last
 * @throws SONDE_JOB_INVALID if a column has another kind there
 */
export const outputTable = (job: Job, stored?: Table): Table => {
  const { vantage: _, ...columns } = job.columns;
  for (const [name, { kind }] of Object.entries(columns)) {
    const known = stored?.columns[name];
    if (known !== undefined && known.kind !== kind)
      throw jobInvalid(job.file, job.place, `${name} is a ${known.kind} in the store`, 'give the column another name');
  }
  return { name: job.name, doc: job.doc, columns: { ...origin, ...stored?.columns, ...columns } };
};
