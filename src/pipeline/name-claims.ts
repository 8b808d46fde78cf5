/** The rules that claim names, whatever the time and port, asked of the catalog once a name as long as the interner lasts. */
import type { Catalog } from '../catalog/catalog.ts';
import type { Rule } from '../catalog/rule.ts';
import { CodeCache } from '../kit/code-cache.ts';
import type { Interner } from '../kit/interner.ts';

export class NameClaims {
  readonly #interner: Interner;
  /** Names are many, the lists of those who claim them few: each is held once, so that it stays in the processor's cache. */
  readonly #lists: (readonly Rule[])[] = [];
  readonly #numbers = new Map<string, number>();
  /** By name, the number of its list. */
  readonly #numberOf: CodeCache;

  constructor(catalog: Catalog, interner: Interner) {
    this.#interner = interner;
    this.#numberOf = new CodeCache((name) => this.#number(catalog.matchesOf(interner.text(name))));
  }

  /** The rules that claim the name behind an interner code, in order of precedence. */
  of(name: number): readonly Rule[] {
    return this.#lists[this.#numberOf.of(name, this.#interner)]!;
  }

  #number(rules: readonly Rule[]): number {
    const key = rules.map(({ rule }) => rule).join(' ');
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#lists.push(rules) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** To be called when the interner is reset. */
  forget(): void {
    this.#numberOf.clear();
  }
}
