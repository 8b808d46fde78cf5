/** The words of a row group under ids that all text columns share. */
import type { Texts } from '../../kit/interner.ts';

/** Code 0 is '' everywhere. */
const none: Texts = { size: 1, text: () => '' };

/** Ids are dense from 1 and begin anew with each row group, so that a column may keep what it knows of a word by id. */
export class Words {
  /** By code: the word's id; 0 is that of a word that has none yet. As long as there are codes, while texts are in use. */
  ids = new Int32Array(1);
  /** Those that have an id, in the order of their ids. */
  readonly #codes: number[] = [];
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
    const isKnown = this.knows(texts);
    if (isKnown && this.ids.length >= texts.size) return;
    const ids = new Int32Array(texts.size + (texts.size >> 1));
    if (isKnown) ids.set(this.ids);
    else this.#epoch = new WeakRef(texts);
    this.ids = ids;
  }

  release(): void {
    this.#texts = none;
  }

  /** Ids that were given; the last one is this. */
  get size(): number {
    return this.#codes.length;
  }

  text(code: number): string {
    return this.#texts.text(code);
  }

  /** The id of a word, which is given if it has none. */
  id(code: number): number {
    const known = this.ids[code]!;
    if (known !== 0) return known;
    const id = this.#codes.push(code);
    this.ids[code] = id;
    return id;
  }

  /** Takes back the ids behind the first `size`. */
  cut(size: number): void {
    for (let i = size; i < this.#codes.length; i++) this.ids[this.#codes[i]!] = 0;
    this.#codes.length = size;
  }
}
