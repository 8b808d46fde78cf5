/** Rule files from disk: folders with all YAML files under them, or single files. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import { parseRuleFile } from './parse-rule-file.ts';
import type { RuleFile } from './rule.ts';

const isRuleFile = (name: string): boolean => /\.ya?ml$/.test(name);

/** The files that a path stands for: their names for `Rule.rule`, and where they are. */
const filesOf = (path: string): (readonly [file: string, path: string])[] => {
  try {
    if (!statSync(path).isDirectory()) return [[basename(path), path]];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(isRuleFile).sort();
    return names.map((name) => [name.split(sep).join('/'), join(path, name)] as const);
  } catch (cause) {
    throw new SondeError(
      'SONDE_INPUT_NOT_FOUND',
      'no such rule file or folder',
      { file: path },
      'check the path',
      cause,
    );
  }
};

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SondeError(
      'SONDE_INPUT_UNREADABLE',
      'the rule file cannot be read',
      { file: path },
      'check its permissions',
      cause,
    );
  }
};

/**
 * Reads all rule files that the paths stand for. A file is called by its name under the folder that was given, so two
 * of the same name are refused: a flow's `rule` would not tell which one decided.
 *
 * Throws SONDE_INPUT_NOT_FOUND, SONDE_INPUT_UNREADABLE, SONDE_RULES_INVALID.
 *
 * @example
 * const catalog = new Catalog(loadRuleFiles(['services', '/etc/sonde/my-rules.yaml']));
 */
export const loadRuleFiles = (paths: readonly string[]): RuleFile[] => {
  const loaded = new Map<string, string>();
  return paths.flatMap(filesOf).map(([file, path]) => {
    const other = loaded.get(file);
    if (other !== undefined) {
      throw new SondeError(
        'SONDE_RULES_INVALID',
        `two rule files are called ${file}: ${other} and ${path}`,
        { file: path },
        'rename one',
      );
    }
    loaded.set(file, path);
    return parseRuleFile(file, read(path));
  });
};
