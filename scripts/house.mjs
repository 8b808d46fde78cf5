/** What the scripts share: where the checkout is, and how a program of it is run. */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the checkout, without a final slash. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Runs a program with this terminal; ends this process with its exit code if it fails. */
export const runOrExit = (program, args) => {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${program}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
};

/** Paths of all files and folders under `folder`, itself included, folders before what they hold. */
export const walk = (folder) => [
  folder,
  ...readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  }),
];

/** Milliseconds since 1970 of the latest change under `path`; a folder counts too, so that a removed file is a change. */
export const changedAt = (path) =>
  statSync(path).isDirectory() ? Math.max(...walk(path).map((each) => statSync(each).mtimeMs)) : statSync(path).mtimeMs;

/** The day in UTC, as 2014-02-22. */
export const today = () => new Date().toISOString().slice(0, 10);

/** What measurements were made on. */
export const machine = () =>
  `${cpus().length} x ${cpus()[0].model.trim()}, Node ${process.versions.node}, ${process.platform}`;
