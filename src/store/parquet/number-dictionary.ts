/** The dictionary of a column of numbers: each by its index, and an open-addressing table to find it. */

const MAX_WORDS = 1 << 12;
const FIRST_SLOT_BITS = 6;
/** Some values at a time, as in pack.ts. */
const STEP = 256;

export class NumberDictionary {
  /** By index. */
  readonly words: number[] = [];
  #slotBits = FIRST_SLOT_BITS;
  #keys = new Float64Array(1 << FIRST_SLOT_BITS);
  /** Index of the slot's number plus one; 0 in a free slot. */
  #places = new Int32Array(1 << FIRST_SLOT_BITS);

  /**
   * Puts the index of each value into `indexes`.
   *
   * @returns false, and then holds what it held before, if that takes more than `room` new words
   */
  look(values: Float64Array, count: number, indexes: Int32Array, room: number): boolean {
    const before = this.words.length;
    const limit = Math.min(before + room, MAX_WORDS);
    for (let start = 0; start < count; start += STEP) {
      if (this.#lookAt(values, start, Math.min(start + STEP, count), indexes, limit)) continue;
      this.#cut(before);
      return false;
    }
    return true;
  }

  clear(): void {
    this.#cut(0);
  }

  #lookAt(values: Float64Array, start: number, end: number, indexes: Int32Array, limit: number): boolean {
    let last = Number.NaN;
    let index = 0;
    for (let i = start; i < end; i++) {
      const value = values[i]!;
      if (value !== last) {
        last = value;
        index = this.#places[this.#slotOf(value)]! - 1;
        if (index < 0) index = this.#add(value, limit);
        if (index < 0) return false;
      }
      indexes[i] = index;
    }
    return true;
  }

  /** The slot of a number, or the one where it belongs. */
  #slotOf(value: number): number {
    const keys = this.#keys;
    const places = this.#places;
    const mask = keys.length - 1;
    let slot = Math.imul(value | 0, 0x9e3779b1) >>> (32 - this.#slotBits);
    while (places[slot] !== 0 && keys[slot] !== value) slot = (slot + 1) & mask;
    return slot;
  }

  /** The index of a new word; -1 if there are `limit` already. */
  #add(value: number, limit: number): number {
    const index = this.words.length;
    if (index >= limit) return -1;
    if (2 * index >= this.#keys.length) this.#grow();
    this.words.push(value);
    this.#put(value, index);
    return index;
  }

  #put(value: number, index: number): void {
    const slot = this.#slotOf(value);
    this.#keys[slot] = value;
    this.#places[slot] = index + 1;
  }

  #grow(): void {
    this.#slotBits++;
    this.#keys = new Float64Array(1 << this.#slotBits);
    this.#places = new Int32Array(1 << this.#slotBits);
    for (const [i, word] of this.words.entries()) this.#put(word, i);
  }

  #cut(length: number): void {
    if (this.words.length === length) return;
    this.words.length = length;
    this.#places.fill(0);
    for (const [i, word] of this.words.entries()) this.#put(word, i);
  }
}
