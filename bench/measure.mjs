/** Runs a program and measures what it used: CPU seconds of all its threads, and its peak memory. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/house.mjs';

/**
 * @param command program and arguments
 * @returns cpuS: user and system seconds; wallS; peakMb: largest resident set of a process, in units of 10^6 bytes
 */
export const measure = (command) => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-measure-'));
  const report = join(folder, 'report');
  try {
    // GNU time: what it adds up is what the kernel counted for the program and those that it waited for.
    const args = ['-o', report, '-f', '%e %U %S %M', ...command];
    const { status, error, stderr } = spawnSync('/usr/bin/time', args, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (error) throw new Error('GNU time is missing: apt-get install time', { cause: error });
    if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr.slice(-2000)}`);
    const [wallS, userS, systemS, kilobytes] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
    return { cpuS: userS + systemS, wallS, peakMb: (kilobytes * 1024) / 1e6 };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** CPU seconds of all threads of this process since it began. */
export const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/**
 * Reads a file once. A virtual machine's host takes memory back that was not used for a minute, the cache of files with
 * it: whoever reads such a file first pays, in system time, several times what the reading costs.
 */
export const warm = (path) => {
  const buffer = Buffer.alloc(1 << 20);
  const file = openSync(path);
  while (readSync(file, buffer) > 0);
  closeSync(file);
};

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
