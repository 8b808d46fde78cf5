/** What tests need and a machine may lack: the test data beside the checkout, and programs from Debian. Where `SONDE_REQUIRE=1`, as in CI, nothing may lack. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const required = process.env.SONDE_REQUIRE === '1';
const root = fileURLToPath(new URL('../../shared/data/', import.meta.url));

export const hasSharedData = required || existsSync(root);

/** Absolute path of a file under `../shared/data`. */
export const sharedData = (path: string): string => root + path;

/** Is the program on the path? Always true where everything is required, so that its absence fails the test. */
export const hasProgram = (name: string): boolean =>
  required || spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

/** The same of a file that a package brings. */
export const hasFile = (path: string): boolean => required || existsSync(path);
