/** The jobs that come with the program, and those that a person adds. */
import { fileURLToPath } from 'node:url';
import { type Job, loadJobs } from '../jobs/index.ts';

const ownJobs = fileURLToPath(new URL('../../jobs', import.meta.url));

/** `more`: job files or folders. Throws what `loadJobs` throws. */
export const loadAllJobs = (more: readonly string[] = []): readonly Job[] => loadJobs([ownJobs, ...more]);
