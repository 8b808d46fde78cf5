/** Runs the long tests of `test/soak`: the large counts of kills, seeds and cycles that `npm test` only samples. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, runOrExit } from './house.mjs';

if (existsSync(join(root, 'test/soak'))) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  runOrExit(process.execPath, [vitest, 'run', '--dir', 'test/soak', '--testTimeout=5400000']);
} else console.log('There are no soak tests.');
