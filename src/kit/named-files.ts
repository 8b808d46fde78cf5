/** Files that a person names, alone or by the folder that they are in: of rules, of jobs. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SondeError } from './errors.ts';

/** A file by its path, and by its name under the folder that was given. */
export interface NamedFile {
  readonly name: string;
  readonly path: string;
}

/**
 * The files that a path stands for: itself, or all in a folder and below that are wanted, sorted.
 *
 * @param kind for the message, as `rule`
 * @throws SONDE_INPUT_NOT_FOUND
 */
export const namedFiles = (path: string, kind: string, isWanted: (name: string) => boolean): readonly NamedFile[] => {
  try {
    if (!statSync(path).isDirectory()) return [{ name: basename(path), path }];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter(isWanted)
      .sort()
      .map((name) => ({ name, path: join(path, name) }));
  } catch (cause) {
    const message = `no such ${kind} file or folder`;
    throw new SondeError('SONDE_INPUT_NOT_FOUND', message, { file: path }, 'check the path', cause);
  }
};

/** The text of such a file. @throws SONDE_INPUT_UNREADABLE */
export const readNamedFile = (path: string, kind: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const message = `the ${kind} file cannot be read`;
    throw new SondeError('SONDE_INPUT_UNREADABLE', message, { file: path }, 'check its permissions', cause);
  }
};
