/** What the jobs offer to the rest of the house. */

export { checkJobs } from './check-jobs.ts';
export { type Strategy, strategies } from './choose-job.ts';
export { overTickets } from './expand-rollups.ts';
export type { Job } from './job.ts';
export type { Ledger } from './ledger.ts';
export { loadJobs } from './load-jobs.ts';
export { rollupFamilies } from './rollup-families.ts';
export { Rollups } from './rollup-reader.ts';
export { type Progress, Scheduler, type SchedulerOptions } from './scheduler.ts';
export { withInputs } from './with-inputs.ts';
