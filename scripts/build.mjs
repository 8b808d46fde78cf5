/** Compiles `src` into `dist` and copies what is no TypeScript beside it; returns at once if no source changed since. */
import { copyFileSync, existsSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { changedAt, root, runOrExit, walk } from './house.mjs';

const source = join(root, 'src');
const target = join(root, 'dist');
// Written after a whole build only, with the time of its start: a source saved during a build is built again.
const stamp = join(target, '.built');
const startedAt = new Date();

const isFresh = () => {
  const inputs = ['src', 'tsconfig.json', 'package-lock.json', 'scripts/build.mjs', 'scripts/compile.mjs'].map((path) =>
    join(root, path),
  );
  return existsSync(stamp) && statSync(stamp).mtimeMs > Math.max(...inputs.map(changedAt));
};

const copyAssets = () => {
  for (const path of walk(source)) {
    if (/\.tsx?$/.test(path) || statSync(path).isDirectory()) continue;
    const copy = join(target, relative(source, path));
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(path, copy);
  }
};

/** A module or asset whose source is gone must not be found by a program that still names it. */
const removeOrphans = () => {
  for (const path of walk(target)) {
    const name = relative(target, path);
    if (name === '' || name.startsWith('.') || !existsSync(path)) continue;
    const origin = join(source, name);
    const compiled = origin.replace(/\.js(\.map)?$/, '.ts');
    if (!existsSync(origin) && !existsSync(compiled)) rmSync(path, { recursive: true });
  }
};

if (!isFresh()) {
  console.error('Building ...');
  rmSync(stamp, { force: true });
  runOrExit(process.execPath, [join(root, 'scripts/compile.mjs'), join(root, 'tsconfig.json')]);
  copyAssets();
  removeOrphans();
  writeFileSync(stamp, '');
  utimesSync(stamp, startedAt, startedAt);
}
