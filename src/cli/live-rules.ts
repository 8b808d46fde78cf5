/** Rules that may change while a command runs: their files are read again when one of them has changed. */
import { statSync } from 'node:fs';
import type { Catalog } from '../catalog/catalog.ts';
import { ruleFilesOf } from '../catalog/load-rule-files.ts';
import { SondeError } from '../kit/errors.ts';
import { loadCatalog, rulePaths } from './load-catalog.ts';

export class LiveRules {
  /** The last ones that were in order. */
  catalog: Catalog;
  readonly #more: readonly string[];
  /** What tells that the files are as they were when they were last read. */
  #state: string;

  /** `more`: rule files or folders. Throws what `loadRuleFiles` throws. */
  constructor(more: readonly string[] = []) {
    this.#more = more;
    this.#state = this.#look();
    this.catalog = loadCatalog(more);
  }

  /**
   * The rules as their files are now.
   *
   * @param warn hears of files that are not in order, once for each state that they are in: the rules before them stay
   */
  renew(warn: (error: SondeError) => void): Catalog {
    const before = this.#state;
    // Before they are read: what changes meanwhile shows at the next look.
    this.#state = this.#look();
    if (this.#state === before) return this.catalog;
    try {
      this.catalog = loadCatalog(this.#more);
    } catch (error) {
      if (!(error instanceof SondeError)) throw error;
      warn(error);
    }
    return this.catalog;
  }

  /** Names, sizes and times of the files; what cannot be looked at is a state as well. */
  #look(): string {
    try {
      const states = ruleFilesOf(rulePaths(this.#more)).map(({ path }) => {
        const { ino, size, mtimeMs } = statSync(path);
        return [path, ino, size, mtimeMs];
      });
      return JSON.stringify(states);
    } catch (error) {
      return String(error);
    }
  }
}
