/** The words of a row group under ids that all text columns share. */
import type { Texts } from '../../kit/interner.ts';
import { NumberDictionary } from './number-dictionary.ts';

/** Code 0 is '' everywhere. */
const none: Texts = { size: 1, text: () => '' };

/** Ids are dense from 0 and begin anew with each row group, so that a column may keep what it knows of a word by id. */
export class Words {
  readonly #ids = new NumberDictionary();
  #texts: Texts = none;
  /** Held weakly between batches: an epoch of texts may be large, and the next batch far. */
  #epoch: WeakRef<Texts> | undefined;

  /** Do the codes of these texts mean the same as those of the batch before? */
  knows(texts: Texts): boolean {
    return this.#epoch?.deref() === texts;
  }

  /** Codes are those of these texts, until `release`; others than those before only after `clear`. */
  use(texts: Texts): void {
    this.#texts = texts;
    if (!this.knows(texts)) this.#epoch = new WeakRef(texts);
  }

  release(): void {
    this.#texts = none;
  }

  /** Codes are below this. */
  get codes(): number {
    return this.#texts.size;
  }

  text(code: number): string {
    return this.#texts.text(code);
  }

  id(code: number): number {
    return this.#ids.index(code);
  }

  clear(): void {
    this.#ids.clear();
  }
}
