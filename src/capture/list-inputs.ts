/** From what a person names on the command line to the files that are read: files, folders, patterns, standard input. */
import { lstat, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { glob, isGlob } from './glob.ts';

export interface Input {
  /** As named, or the named folder joined with the path inside; `-` is standard input. */
  readonly path: string;
  /** Named by a person (a file of unknown format is then an error), or found in a folder (it is skipped and counted). */
  readonly origin: 'named' | 'found';
}

/**
 * All regular files under a folder, sorted by path.
 *
 * Links to files count, links to folders do not, because they may lead in circles. A folder that cannot be listed stands
 * for itself, so that whoever reads it meets the error.
 */
const listFolder = async (folder: string): Promise<string[]> => {
  const paths: string[] = [];
  const visit = async (path: string): Promise<void> => {
    try {
      for (const entry of await readdir(path, { withFileTypes: true })) {
        const inner = join(path, entry.name);
        if (entry.isDirectory()) await visit(inner);
        else if (entry.isFile() || (entry.isSymbolicLink() && (await isLinkedFile(inner)))) paths.push(inner);
      }
    } catch {
      paths.push(path);
    }
  };
  await visit(folder);
  return paths.sort();
};

const isLinkedFile = async (path: string): Promise<boolean> => {
  const target = await stat(path).catch(() => undefined);
  return target?.isFile() ?? true;
};

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
const exists = async (path: string): Promise<boolean> => (await lstat(path).catch(() => undefined)) !== undefined;

/**
 * Expands paths in their order; each file comes once, as named if it is both named and found.
 *
 * Never throws: what does not exist or cannot be listed, or a pattern without a match, stays in the list as it is, and
 * reading it tells why.
 *
 * @example
 * await listInputs(['captures', '-', 'trace-*.pcap'])
 */
export const listInputs = async (paths: readonly string[]): Promise<Input[]> => {
  const inputs = new Map<string, Input>();
  const add = (path: string, origin: Input['origin']): void => {
    const key = path === '-' ? path : resolve(path);
    const known = inputs.get(key);
    if (known === undefined || (known.origin === 'found' && origin === 'named')) inputs.set(key, { path, origin });
  };
  for (const path of paths) {
    const matches = isGlob(path) && !(await exists(path)) ? await glob(path) : [];
    for (const match of matches.length > 0 ? matches : [path]) {
      if (match !== '-' && (await isFolder(match))) {
        for (const found of await listFolder(match)) add(found, 'found');
      } else add(match, 'named');
    }
  }
  return [...inputs.values()];
};
