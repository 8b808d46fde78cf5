/** Checks the sources, runs every test, and ends with the line `N passed, N failed, N skipped`; a check counts as a test. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './house.mjs';

const program = (path) => join(root, 'node_modules', path);

const checks = {
  biome: [program('@biomejs/biome/bin/biome'), 'ci', '.'],
  types: [program('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.check.json'],
  rooms: [program('dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', 'src'],
  unused: [program('knip/bin/knip.js')],
};

/** Runs one check and prints what it says only if it fails. */
const passes = (name, args) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('close', (code) => {
      const passed = code === 0;
      console.log(`${passed ? 'passed' : 'FAILED'}  check: ${name}`);
      if (!passed) console.log(Buffer.concat(output).toString());
      resolve(passed);
    });
  });

/** Runs vitest on this terminal; its JSON report gives the counts. */
const runTests = (filters) => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-test-'));
  try {
    const report = join(folder, 'report.json');
    const args = [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      '--exclude',
      'test/soak/**',
      ...filters,
    ];
    const { status } = spawnSync(process.execPath, [program('vitest/vitest.mjs'), ...args], {
      cwd: root,
      stdio: 'inherit',
    });
    return countOf(JSON.parse(readFileSync(report, 'utf8')), status);
  } catch (error) {
    console.log(`No report from vitest: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const countOf = (report, status) => {
  // A file that does not load fails without a failed test in it.
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((each) => each.status !== 'failed'),
  ).length;
  const failed = report.numFailedTests + unloaded;
  return {
    passed: report.numPassedTests,
    // Any other reason to end badly, such as an error outside of all tests, is one failure.
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
};

const checked = await Promise.all(Object.entries(checks).map(([name, args]) => passes(name, args)));
const tests = runTests(process.argv.slice(2));
const passed = tests.passed + checked.filter(Boolean).length;
const failed = tests.failed + checked.filter((each) => !each).length;
console.log(`${passed} passed, ${failed} failed, ${tests.skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
