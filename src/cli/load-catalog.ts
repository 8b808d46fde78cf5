/** The rules that come with the program, and those that a person adds. */
import { fileURLToPath } from 'node:url';
import { Catalog } from '../catalog/catalog.ts';
import { loadRuleFiles } from '../catalog/load-rule-files.ts';

const ownRules = fileURLToPath(new URL('../../services', import.meta.url));

/** With `more` rule files or folders. */
export const rulePaths = (more: readonly string[]): readonly string[] => [ownRules, ...more];

/** `more`: rule files or folders. Throws what `loadRuleFiles` throws. */
export const loadCatalog = (more: readonly string[] = []): Catalog => new Catalog(loadRuleFiles(rulePaths(more)));
