/** Strings as small integers: equal strings have equal codes, and code 0 is ''. */

import { ByteIndex } from './byte-index.ts';

/** Texts by code, for those who read them only; an interner that forgets leaves them as they are. */
export interface Texts {
  /** Codes are below this. */
  readonly size: number;
  /** The string behind `code`; '' for a code that was never given out. */
  text(code: number): string;
}

class TextList implements Texts {
  readonly #texts: string[] = [''];

  get size(): number {
    return this.#texts.length;
  }

  text(code: number): string {
    return this.#texts[code] ?? '';
  }

  add(text: string): number {
    return this.#texts.push(text) - 1;
  }

  all(): readonly string[] {
    return this.#texts.slice();
  }
}

/**
 * A table of distinct strings. Codes are dense from 0 and stay valid until `reset`.
 *
 * Memory grows with distinct strings, so a long run bounds it by epochs: when `size` or `characters` passes a limit
 * and no batch is open, holders of codes call `text` on those they keep, `reset`, and intern them again.
 */
export class Interner {
  readonly #codes = new Map<string, number>([['', 0]]);
  readonly #words = new Map<string, number>();
  #texts = new TextList();
  /** Of texts that came as bytes. */
  #byBytes = new ByteIndex();
  /** Characters of all strings held. */
  characters = 0;

  /** Distinct strings held, '' included. */
  get size(): number {
    return this.#texts.size;
  }

  /** The strings of this epoch, those to come included: another object after each `reset`. */
  get texts(): Texts {
    return this.#texts;
  }

  /** The code of `text`, assigned at its first use. */
  code(text: string): number {
    let code = this.#codes.get(text);
    if (code === undefined) {
      this.characters += text.length;
      code = this.#texts.add(text);
      this.#codes.set(text, code);
    }
    return code;
  }

  /**
   * The code of a word that the program itself puts into rows, such as 'tcp' or the name of a service. Every row has some
   * and they are few: the map in which they are found stays in the processor's cache, that of all texts does not.
   */
  word(text: string): number {
    let code = this.#words.get(text);
    if (code === undefined) {
      code = this.code(text);
      this.#words.set(text, code);
    }
    return code;
  }

  /** The code of the first `length` of `bytes`, each a character. Of a text that came so before no string is made. */
  latin1(bytes: Buffer, length: number): number {
    if (length === 0) return 0;
    let code = this.#byBytes.find(bytes, length);
    if (code === 0) {
      code = this.code(bytes.toString('latin1', 0, length));
      this.#byBytes.add(bytes, length, code);
    }
    return code;
  }

  /** The string behind `code`; '' for a code that was never given out. */
  text(code: number): string {
    return this.#texts.text(code);
  }

  /** All texts by code. */
  checkpoint(): readonly string[] {
    return this.#texts.all();
  }

  restore(texts: readonly string[]): void {
    this.reset();
    for (const text of texts.slice(1)) this.code(text);
  }

  /** Forgets everything but ''. */
  reset(): void {
    this.#codes.clear();
    this.#codes.set('', 0);
    this.#words.clear();
    this.#byBytes = new ByteIndex();
    this.#texts = new TextList();
    this.characters = 0;
  }
}
