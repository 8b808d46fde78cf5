/** Items of a fixed number of words in one array, with ids from 1, reused after they were given back. */
export class WordPool {
  words: Int32Array;
  readonly #size: number;
  #next = 1;
  #free: number[] = [];

  constructor(size: number) {
    this.#size = size;
    this.words = new Int32Array(256 * size);
  }

  /** An item of zeros. `words` may be replaced. */
  take(): number {
    const id = this.#free.pop() ?? this.#next++;
    if ((id + 1) * this.#size > this.words.length) {
      const grown = new Int32Array(2 * this.words.length);
      grown.set(this.words);
      this.words = grown;
    }
    this.words.fill(0, id * this.#size, (id + 1) * this.#size);
    return id;
  }

  give(id: number): void {
    this.#free.push(id);
  }

  checkpoint(): { words: Int32Array; next: number; free: number[] } {
    return { words: this.words.slice(0, this.#next * this.#size), next: this.#next, free: this.#free };
  }

  restore({ words, next, free }: ReturnType<WordPool['checkpoint']>): void {
    this.words = new Int32Array(Math.max(this.words.length, 2 * words.length));
    this.words.set(words);
    this.#next = next;
    this.#free = free;
  }
}
