/** Whole numbers by index, in the order in which they came, and an open-addressing table to find them. */

const FIRST_SLOT_BITS = 6;
/** Some values at a time, as in pack.ts. */
const STEP = 256;

/** Where the search for a number begins. */
const firstSlot = (value: number, bits: number): number => Math.imul(value | 0, 0x9e3779b1) >>> (32 - bits);

export class NumberDictionary {
  /** By index. */
  readonly words: number[] = [];
  #slotBits = FIRST_SLOT_BITS;
  /** NaN in a free slot. */
  #keys = new Float64Array(1 << FIRST_SLOT_BITS).fill(Number.NaN);
  /** Index of the slot's number. */
  #places = new Int32Array(1 << FIRST_SLOT_BITS);

  /** The index of a number, which is added if it is new. */
  index(value: number): number {
    const slot = this.#slotOf(value);
    return this.#keys[slot] === value ? this.#places[slot]! : this.#add(value);
  }

  /**
   * Puts the index of each of the first `count` values into `indexes`.
   *
   * @returns false, and then holds what it held before, if that takes more than `room` new words
   */
  indexAll(values: Float64Array, count: number, indexes: Int32Array, room: number): boolean {
    const before = this.words.length;
    for (let start = 0; start < count; start += STEP) {
      this.#indexSome(values, start, Math.min(start + STEP, count), indexes);
      if (this.words.length <= before + room) continue;
      this.#cut(before);
      return false;
    }
    return true;
  }

  clear(): void {
    this.#cut(0);
  }

  #indexSome(values: Float64Array, start: number, end: number, indexes: Int32Array): void {
    let keys = this.#keys;
    let places = this.#places;
    let bits = this.#slotBits;
    for (let i = start; i < end; i++) {
      const value = values[i]!;
      const slot = firstSlot(value, bits);
      // Most numbers are where they belong.
      if (keys[slot] === value) indexes[i] = places[slot]!;
      else {
        indexes[i] = this.index(value);
        keys = this.#keys;
        places = this.#places;
        bits = this.#slotBits;
      }
    }
  }

  /** The slot of a number, or the one where it belongs. */
  #slotOf(value: number): number {
    const keys = this.#keys;
    const mask = keys.length - 1;
    let slot = firstSlot(value, this.#slotBits);
    while (keys[slot] !== value && !Number.isNaN(keys[slot])) slot = (slot + 1) & mask;
    return slot;
  }

  #add(value: number): number {
    const index = this.words.length;
    if (2 * index >= this.#keys.length) this.#makeSlots(this.#slotBits + 1);
    this.words.push(value);
    this.#put(value, index);
    return index;
  }

  #put(value: number, index: number): void {
    const slot = this.#slotOf(value);
    this.#keys[slot] = value;
    this.#places[slot] = index;
  }

  #makeSlots(bits: number): void {
    this.#slotBits = bits;
    this.#keys = new Float64Array(1 << bits).fill(Number.NaN);
    this.#places = new Int32Array(1 << bits);
    for (const [i, word] of this.words.entries()) this.#put(word, i);
  }

  #cut(length: number): void {
    if (this.words.length === length) return;
    this.words.length = length;
    this.#keys.fill(Number.NaN);
    for (const [i, word] of this.words.entries()) this.#put(word, i);
  }
}
