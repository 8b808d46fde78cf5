/** The words of a row group: those of its batches, each of which has codes of its own, under common ids. */

/**
 * Ids are dense from 0 and shared by all text columns, so that a word is looked for once a batch and not once a column.
 * It is looked for when it is first asked for: one that is written as it is needs no id.
 */
export class Words {
  readonly #ids = new Map<string, number>();
  #dictionary: readonly string[] = [''];
  /** By code: the id plus one; 0 if it was not asked for. */
  #codes = new Int32Array(1);

  /** Codes are those of this batch from now on. */
  use(dictionary: readonly string[]): void {
    this.#dictionary = dictionary;
    if (this.#codes.length < dictionary.length) this.#codes = new Int32Array(2 * dictionary.length);
    else this.#codes.fill(0, 0, dictionary.length);
  }

  /** Codes are below this. */
  get codes(): number {
    return this.#dictionary.length;
  }

  /** Ids are below this. */
  get size(): number {
    return this.#ids.size;
  }

  text(code: number): string {
    return this.#dictionary[code]!;
  }

  id(code: number): number {
    const known = this.#codes[code]!;
    if (known !== 0) return known - 1;
    const text = this.#dictionary[code]!;
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(text, id);
    }
    this.#codes[code] = id + 1;
    return id;
  }

  clear(): void {
    this.#ids.clear();
    this.#dictionary = [''];
  }
}
