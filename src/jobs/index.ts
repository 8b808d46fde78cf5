/** What the jobs offer to the rest of the house. */

export { checkJobs } from './check-jobs.ts';
export { loadJobs } from './load-jobs.ts';
