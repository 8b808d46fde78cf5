/** Lists that are held as one text, their words joined by spaces: each is taken apart once as long as the interner lasts. */
import type { Interner } from './interner.ts';

export class WordLists {
  readonly #interner: Interner;
  readonly #lists = new Map<number, readonly number[]>();

  constructor(interner: Interner) {
    this.#interner = interner;
  }

  /** The codes of the words of the text behind `code`; of '', which has none, an empty list. */
  of(code: number): readonly number[] {
    let list = this.#lists.get(code);
    if (list === undefined) {
      const interner = this.#interner;
      list =
        code === 0
          ? []
          : interner
              .text(code)
              .split(' ')
              .map((word) => interner.code(word));
      this.#lists.set(code, list);
    }
    return list;
  }

  /** To be called when the interner is reset. */
  forget(): void {
    this.#lists.clear();
  }
}
