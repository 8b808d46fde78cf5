import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadRuleFiles } from './load-rule-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const put = (name: string): void => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'service: t\ntitle: T\nsources: {s: S}\nrules:\n  - {class: c, exact: w.net, source: s}\n');
};
for (const name of ['rules/b.yaml', 'rules/a.yml', 'rules/own/c.yaml', 'rules/readme.md', 'other/b.yaml']) put(name);
mkdirSync(join(folder, 'empty'));
writeFileSync(join(folder, 'broken.yaml'), 'service: t\nrules: [\n');

const linesOf = (...paths: string[]): string[] =>
  loadRuleFiles(paths.map((path) => join(folder, path))).flatMap(({ rules }) => rules.map(({ rule }) => rule));

describe('rule files on disk', () => {
  test('a folder stands for the YAML files under it, called by their name within it', () => {
    expect(linesOf('rules')).toEqual(['a.yml:5', 'b.yaml:5', 'own/c.yaml:5']);
  });

  test('a file is called by its own name', () => {
    expect(linesOf('other/b.yaml', 'rules/own')).toEqual(['b.yaml:5', 'c.yaml:5']);
  });

  test('two files of one name are refused', () => {
    expect(() => linesOf('rules', 'other')).toThrow(/two rule files are called b\.yaml: .*rules.* and .*other/);
  });

  test('an empty folder holds no rules', () => {
    expect(linesOf('empty')).toEqual([]);
  });

  test.each([
    ['nowhere', { code: 'SONDE_INPUT_NOT_FOUND' }],
    ['nowhere.yaml', { code: 'SONDE_INPUT_NOT_FOUND' }],
    ['broken.yaml', { code: 'SONDE_RULES_INVALID', fields: { file: 'broken.yaml', line: 3, column: 1 } }],
  ])('%s is told', (path, error) => {
    expect(() => linesOf(path)).toThrow(expect.objectContaining(error));
  });
});
