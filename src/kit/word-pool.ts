/** Items of a fixed number of words in one array, with ids from 1, reused after they were given back. */
export class WordPool {
  words: Int32Array;
  /** The same memory, for items of an even number of words that hold doubles. */
  doubles: Float64Array;
  readonly #size: number;
  #next = 1;
  #free: number[] = [];

  constructor(size: number) {
    this.#size = size;
    this.words = new Int32Array(256 * size);
    this.doubles = new Float64Array(this.words.buffer);
  }

  /** An item of zeros. `words` and `doubles` may be replaced. */
  take(): number {
    const id = this.#free.pop() ?? this.#next++;
    if ((id + 1) * this.#size > this.words.length) this.#hold(this.words, 2 * this.words.length);
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
    this.#hold(words, Math.max(this.words.length, 2 * words.length));
    this.#next = next;
    this.#free = free;
  }

  #hold(words: Int32Array, length: number): void {
    this.words = new Int32Array(length);
    this.words.set(words);
    this.doubles = new Float64Array(this.words.buffer);
  }
}
