/** Makes a fresh or changed checkout ready to run: right Node, installed packages, built sources. Quiet when nothing is to do. */
import './node-version.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runOrExit } from './house.mjs';

const packagesIn = (lockFile) => JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages;

// npm writes its own lock file into node_modules as the last step of an installation, so that it also tells a broken
// one; optional packages may be for other machines.
const isInstalled = () => {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = packagesIn('node_modules/.package-lock.json');
  return Object.entries(packagesIn('package-lock.json')).every(
    ([path, { optional, version }]) => path === '' || optional || installed[path]?.version === version,
  );
};

if (!isInstalled()) {
  console.error('Installing packages ...');
  runOrExit('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
}
runOrExit(process.execPath, [join(root, 'scripts/build.mjs')]);
