/** Runs the benchmarks (all, or those named) and appends what they print to `docs/benchmarks.md`, with date and machine. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { machine, root, today } from './house.mjs';

const benchmarks = {
  probe: 'The probe beside its peers',
  'live-flows': 'A million live flows',
  'store-segments': 'What storing costs',
  'native-blocks': 'What encoding for ClickHouse costs',
  store: 'A month in the store',
  rolling: 'Rolling beside recomputing',
  staleness: 'How old the answers of jobs are',
};

const results = join(root, 'docs/benchmarks.md');
const wanted = process.argv.slice(2);
const names = wanted.length === 0 ? Object.keys(benchmarks) : wanted;

if (!existsSync(results))
  appendFileSync(results, '# Benchmarks\n\nWritten by `npm run bench`: each section is one run.\n');
for (const name of names) {
  if (!(name in benchmarks)) throw new Error(`no benchmark ${name}; there are ${Object.keys(benchmarks).join(', ')}`);
  const { status, stdout } = spawnSync(process.execPath, [join(root, `bench/${name}.mjs`)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
  const section = `\n## ${benchmarks[name]}, ${today()}\n\n${machine()}.\n\n${stdout.trim()}\n`;
  appendFileSync(results, section);
  console.log(section);
}
