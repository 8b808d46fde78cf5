/** Strings as small integers: equal strings have equal codes, and code 0 is ''. */

/**
 * A table of distinct strings. Codes are dense from 0 and stay valid until `reset`.
 *
 * Memory grows with distinct strings, so a long run bounds it by epochs: when `size` or `characters` passes a limit
 * and no batch is open, holders of codes call `text` on those they keep, `reset`, and intern them again.
 */
export class Interner {
  readonly #codes = new Map<string, number>([['', 0]]);
  readonly #texts: string[] = [''];
  /** Characters of all strings held. */
  characters = 0;

  /** Distinct strings held, '' included. */
  get size(): number {
    return this.#texts.length;
  }

  /** The code of `text`, assigned at its first use. */
  code(text: string): number {
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.add(text);
      this.#codes.set(text, code);
    }
    return code;
  }

  /** A code for a string that comes but once, such as an id: it is not looked for, and never found again by `code`. */
  add(text: string): number {
    this.characters += text.length;
    return this.#texts.push(text) - 1;
  }

  /** The string behind `code`; '' for a code that was never given out. */
  text(code: number): string {
    return this.#texts[code] ?? '';
  }

  /** All texts by code, while each was interned by `code`: as after a `reset`, before the first `add`. */
  checkpoint(): readonly string[] {
    return this.#texts.slice();
  }

  restore(texts: readonly string[]): void {
    this.reset();
    for (const text of texts.slice(1)) this.code(text);
  }

  /** Forgets everything but ''. */
  reset(): void {
    this.#codes.clear();
    this.#codes.set('', 0);
    this.#texts.length = 1;
    this.characters = 0;
  }
}
