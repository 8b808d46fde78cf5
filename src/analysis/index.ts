/** All analyses, in the order in which a report tells them. */
import type { Analysis } from './analysis.ts';
import { coverage } from './coverage/coverage.ts';
import { hosting } from './hosting/hosting.ts';
import { traffic } from './traffic/traffic.ts';

export { coverage, hosting, traffic };

export const analyses: readonly Analysis[] = [coverage, hosting, traffic];
