/**
 * Runs the long tests of `test/soak`: the large counts of kills, seeds and cycles that `npm test` only samples. Arguments
 * choose files. A run that was cut off goes on; a complete one is appended to `docs/benchmarks.md`.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machine, root, runOrExit, today } from './house.mjs';

const folder = process.env.SONDE_SOAK_FOLDER ?? join(tmpdir(), 'sonde-soak');
process.env.SONDE_SOAK_FOLDER = folder;
mkdirSync(folder, { recursive: true });

const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const files = process.argv.slice(2).map((name) => `test/soak/${name}`);
runOrExit(process.execPath, [vitest, 'run', ...(files.length > 0 ? files : ['test/soak']), '--testTimeout=5400000']);

// A step that is looked at alone leaves the run that it is of where it is.
if (process.env.SONDE_SOAK_STEP === undefined) {
  const report = join(folder, 'report.md');
  if (existsSync(report)) {
    const section = `\n## Soak, ${today()}\n\n${machine()}.\n\n${readFileSync(report, 'utf8')}`;
    appendFileSync(join(root, 'docs/benchmarks.md'), section);
    console.log(section);
  }
  rmSync(folder, { recursive: true });
}
