/** Codes of texts, found by the bytes of the text: no string need be made of what is known. */
import { mix } from './mix.ts';

// Which texts collide must not be known to who sends them.
const seed = (Math.random() * 0x1_0000_0000) | 0;

/** A hash of the first `length` bytes, four at a time. */
const hashOf = (bytes: Uint8Array, length: number): number => {
  let hash = mix(seed ^ length);
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    hash = mix(hash ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)));
  }
  let rest = 0;
  for (; i < length; i++) rest = (rest << 8) | bytes[i]!;
  return mix(hash ^ rest);
};

/** A slot: the hash, the code, 0 for an empty one, and where the bytes stand. */
const SLOT = 4;
const HASH = 0;
const CODE = 1;
const AT = 2;
const LENGTH = 3;

/**
 * Open addressing at load 0.5 or less. The bytes are kept beside each other in memory of their own: a look-up reads a
 * slot and them, while a string would take three more places of memory to compare with.
 */
export class ByteIndex {
  #slots = new Int32Array(SLOT * 2048);
  #bytes = new Uint8Array(16 * 1024);
  #bytesUsed = 0;
  #size = 0;

  /** The code of the first `length` of `bytes`, 0 if they have none here. */
  find(bytes: Uint8Array, length: number): number {
    return this.#slots[this.#slotOf(hashOf(bytes, length), bytes, length) + CODE]!;
  }

  /** Gives bytes that have none a code above 0. */
  add(bytes: Uint8Array, length: number, code: number): void {
    const hash = hashOf(bytes, length);
    const slots = this.#slots;
    const slot = this.#slotOf(hash, bytes, length);
    const from = this.#bytesUsed;
    if (from + length > this.#bytes.length) this.#growBytes(from + length);
    for (let i = 0; i < length; i++) this.#bytes[from + i] = bytes[i]!;
    this.#bytesUsed += length;
    slots[slot + HASH] = hash;
    slots[slot + CODE] = code;
    slots[slot + AT] = from;
    slots[slot + LENGTH] = length;
    if (2 * SLOT * ++this.#size > slots.length) this.#growSlots();
  }

  /** The slot of these bytes, or the empty one where they belong. */
  #slotOf(hash: number, bytes: Uint8Array, length: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (SLOT * hash) & mask;
    while (slots[slot + CODE] !== 0 && (slots[slot + HASH] !== hash || !this.#holds(slot, bytes, length))) {
      slot = (slot + SLOT) & mask;
    }
    return slot;
  }

  #holds(slot: number, bytes: Uint8Array, length: number): boolean {
    if (this.#slots[slot + LENGTH] !== length) return false;
    const from = this.#slots[slot + AT]!;
    for (let i = 0; i < length; i++) if (this.#bytes[from + i] !== bytes[i]) return false;
    return true;
  }

  #growBytes(least: number): void {
    const grown = new Uint8Array(Math.max(least, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  #growSlots(): void {
    const old = this.#slots;
    const slots = new Int32Array(2 * old.length);
    const mask = slots.length - 1;
    for (let from = 0; from < old.length; from += SLOT) {
      if (old[from + CODE] === 0) continue;
      let slot = (SLOT * old[from + HASH]!) & mask;
      while (slots[slot + CODE] !== 0) slot = (slot + SLOT) & mask;
      for (let i = 0; i < SLOT; i++) slots[slot + i] = old[from + i]!;
    }
    this.#slots = slots;
  }
}
