/** The order in which items of a pool were put last: a ring of links in the items themselves, closed by item 0, which no one takes. */
import type { WordPool } from './word-pool.ts';

/** Two words of each item are the ring's: the item put after it and the one put before it. */
const NEWER = 0;
const OLDER = 1;

/**
 * Finding the oldest, putting an item and taking it out are a few steps each. An item is in the ring at most once; the
 * links are saved and restored with the pool.
 */
export class PoolRing {
  readonly #pool: WordPool;
  readonly #size: number;
  readonly #link: number;

  /**
   * @param size words of an item
   * @param link first of the two words
   */
  constructor(pool: WordPool, size: number, link: number) {
    this.#pool = pool;
    this.#size = size;
    this.#link = link;
  }

  /** The item put longest ago, 0 if there is none. */
  get oldest(): number {
    return this.after(0);
  }

  /** The item put after this one, 0 if it is the newest. */
  after(item: number): number {
    return this.#pool.words[item * this.#size + this.#link + NEWER]!;
  }

  /** Puts an item that is not in the ring. */
  put(item: number): void {
    const { words } = this.#pool;
    const newest = words[this.#link + OLDER]!;
    const at = item * this.#size + this.#link;
    words[at + NEWER] = 0;
    words[at + OLDER] = newest;
    words[newest * this.#size + this.#link + NEWER] = item;
    words[this.#link + OLDER] = item;
  }

  remove(item: number): void {
    const { words } = this.#pool;
    const at = item * this.#size + this.#link;
    const newer = words[at + NEWER]!;
    const older = words[at + OLDER]!;
    words[newer * this.#size + this.#link + OLDER] = older;
    words[older * this.#size + this.#link + NEWER] = newer;
  }
}
