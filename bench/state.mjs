/** What a benchmark has measured so far, so that a run that was cut off goes on where it stopped. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changedAt, root } from '../scripts/house.mjs';

/**
 * A folder of its own for a benchmark (in `$SONDE_BENCH_FOLDER`, else in the system's temporary folder) with a file of
 * measurements, one a line. Measurements of another build are forgotten, with all that is in the folder.
 *
 * @returns folder: its path; recall, remember: what was measured under a key;
 *   measureOnce, measureOnceAsync: give that, or measure it now; remove: at the end
 */
export const openState = (name) => {
  const folder = join(process.env.SONDE_BENCH_FOLDER ?? tmpdir(), `sonde-bench-${name}`);
  const file = join(folder, 'measured.ndjson');
  const build = String(Math.max(changedAt(join(root, 'dist')), changedAt(join(root, 'bench'))));
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  if (lines[0] !== build) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${build}\n`);
    lines.length = 0;
  }
  const measured = new Map(lines.slice(1).map((line) => JSON.parse(line)));
  const remember = (key, value) => {
    measured.set(key, value);
    appendFileSync(file, `${JSON.stringify([key, value])}\n`);
    return value;
  };
  return {
    folder,
    recall: (key) => measured.get(key),
    remember,
    measureOnce: (key, measureNow) => measured.get(key) ?? remember(key, measureNow()),
    measureOnceAsync: async (key, measureNow) => measured.get(key) ?? remember(key, await measureNow()),
    remove: () => rmSync(folder, { recursive: true }),
  };
};
