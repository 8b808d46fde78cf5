/** Rule files from disk: folders with all YAML files under them, or single files. */
import { sep } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import { type NamedFile, namedFiles, readNamedFile } from '../kit/named-files.ts';
import { parseRuleFile } from './parse-rule-file.ts';
import type { RuleFile } from './rule.ts';

const isRuleFile = (name: string): boolean => /\.ya?ml$/.test(name);

/** The files that the paths stand for. @throws SONDE_INPUT_NOT_FOUND */
export const ruleFilesOf = (paths: readonly string[]): readonly NamedFile[] =>
  paths.flatMap((path) => namedFiles(path, 'rule', isRuleFile));

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
  return ruleFilesOf(paths).map(({ name, path }) => {
    const file = name.split(sep).join('/');
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
    return parseRuleFile(file, readNamedFile(path, 'rule'));
  });
};
