/** All analyses, in the order in which a report tells them. */
import type { Analysis } from './analysis.ts';
import { coverage } from './coverage/coverage.ts';
import { hosting } from './hosting/hosting.ts';
import { names } from './names/names.ts';
import { traffic } from './traffic/traffic.ts';

export { coverage, hosting, names, traffic };

export const analyses: readonly Analysis[] = [coverage, names, hosting, traffic];
