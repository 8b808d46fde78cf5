/** Addresses of both families as small integers, so that tables may key on one word whatever the family. */
import type { Interner } from '../kit/interner.ts';
import { mix } from '../kit/mix.ts';
import { formatIpv4, formatIpv6, wordAt } from './address.ts';

/** Which addresses collide must not be known to who sends them; ids do not depend on it. */
const seed = (Math.random() * 0x1_0000_0000) | 0;

/**
 * Ids from 0, dense, each of one address. An id stays valid until a `sweep` in which it was not kept; then it is
 * given out again.
 */
export class AddressTable {
  /** Four words an id; IPv4 uses the first. */
  #words = new Int32Array(4 * 1024);
  /** 4, 6, or 0 for a free id. */
  #families = new Uint8Array(1024);
  /**
   * Open addressing, each index with a slot for twice all addresses at least. IPv4: the address and its id + 1, or 0, so
   * that a look-up reads one place of memory;
   */
  #index4 = new Int32Array(2 * 4096);
  /** IPv6: id + 1, or 0. */
  #index6 = new Int32Array(4096);
  /** Interner code of the text + 1, or 0. */
  #codes = new Int32Array(1024);
  #next = 0;
  #free: number[] = [];

  /** Addresses held. */
  get size(): number {
    return this.#next - this.#free.length;
  }

  /** One more than the largest id given out. */
  get bound(): number {
    return this.#next;
  }

  /** The id of an IPv4 address, a word in network order. */
  ipv4(word: number): number {
    const index = this.#index4;
    const at = this.#slot4(word);
    return index[at + 1] === 0 ? this.#add(4, word, 0, 0, 0) : index[at + 1]! - 1;
  }

  /** The id of the IPv6 address whose 16 bytes stand at `at`. */
  ipv6(bytes: Uint8Array, at: number): number {
    return this.#ipv6(wordAt(bytes, at), wordAt(bytes, at + 4), wordAt(bytes, at + 8), wordAt(bytes, at + 12));
  }

  /** The id of an address of 4 or 16 bytes. */
  of(address: Uint8Array): number {
    return address.length === 4 ? this.ipv4(wordAt(address, 0)) : this.ipv6(address, 0);
  }

  /** The id of the first address of the /64 that holds the IPv6 address at `at`. */
  ipv6Net(bytes: Uint8Array, at: number): number {
    return this.#ipv6(wordAt(bytes, at), wordAt(bytes, at + 4), 0, 0);
  }

  #ipv6(a: number, b: number, c: number, d: number): number {
    const entry = this.#index6[this.#slot6(a, b, c, d)]!;
    return entry === 0 ? this.#add(6, a, b, c, d) : entry - 1;
  }

  /** Where the index holds an IPv4 address, or the empty place where it belongs. */
  #slot4(word: number): number {
    const index = this.#index4;
    const mask = index.length - 1;
    let at = (2 * mix(word ^ seed)) & mask;
    while (index[at + 1] !== 0 && index[at] !== word) at = (at + 2) & mask;
    return at;
  }

  #slot6(a: number, b: number, c: number, d: number): number {
    const index = this.#index6;
    const words = this.#words;
    const mask = index.length - 1;
    let at = mix(mix(mix(mix(a ^ seed) ^ b) ^ c) ^ d) & mask;
    for (; index[at] !== 0; at = (at + 1) & mask) {
      const w = 4 * (index[at]! - 1);
      if (words[w] === a && words[w + 1] === b && words[w + 2] === c && words[w + 3] === d) break;
    }
    return at;
  }

  /** Gives an id to an address that has none. */
  #add(family: 4 | 6, a: number, b: number, c: number, d: number): number {
    const id = this.#free.pop() ?? this.#next++;
    if (id === this.#families.length) this.#growPool();
    this.#words[4 * id] = a;
    this.#words[4 * id + 1] = b;
    this.#words[4 * id + 2] = c;
    this.#words[4 * id + 3] = d;
    this.#families[id] = family;
    this.#codes[id] = 0;
    if (2 * this.size > this.#index6.length) this.#reindex(2 * this.#index6.length);
    else this.#enter(id);
    return id;
  }

  /** Puts an address into its index. */
  #enter(id: number): void {
    const words = this.#words;
    const w = 4 * id;
    if (this.#families[id] === 4) {
      const at = this.#slot4(words[w]!);
      this.#index4[at] = words[w]!;
      this.#index4[at + 1] = id + 1;
    } else this.#index6[this.#slot6(words[w]!, words[w + 1]!, words[w + 2]!, words[w + 3]!)] = id + 1;
  }

  #growPool(): void {
    const capacity = 2 * this.#families.length;
    const grown = {
      words: new Int32Array(4 * capacity),
      families: new Uint8Array(capacity),
      codes: new Int32Array(capacity),
    };
    grown.words.set(this.#words);
    grown.families.set(this.#families);
    grown.codes.set(this.#codes);
    this.#words = grown.words;
    this.#families = grown.families;
    this.#codes = grown.codes;
  }

  #reindex(slots: number): void {
    this.#index4 = new Int32Array(2 * slots);
    this.#index6 = new Int32Array(slots);
    for (let id = 0; id < this.#next; id++) if (this.#families[id] !== 0) this.#enter(id);
  }

  isIpv6(id: number): boolean {
    return this.#families[id] === 6;
  }

  /** Word `i` (0 to 3) of the address; IPv4 has only word 0. */
  word(id: number, i: number): number {
    return this.#words[4 * id + i]!;
  }

  /** Canonical text. */
  text(id: number): string {
    if (this.#families[id] === 4) return formatIpv4(this.#words[4 * id]!);
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 4; i++) view.setInt32(4 * i, this.#words[4 * id + i]!);
    return formatIpv6(bytes);
  }

  /** Interner code of the canonical text, formatted once. One table works with one interner. */
  code(id: number, interner: Interner): number {
    let code = this.#codes[id]! - 1;
    if (code < 0) {
      code = interner.code(this.text(id));
      this.#codes[id] = code + 1;
    }
    return code;
  }

  /** The interner was reset: codes are to be made anew. */
  forgetCodes(): void {
    this.#codes.fill(0);
  }

  /** Frees every id below `bound` whose mark is 0. */
  sweep(marks: Uint8Array): void {
    for (let id = 0; id < this.#next; id++) {
      if (marks[id] === 0 && this.#families[id] !== 0) {
        this.#families[id] = 0;
        this.#free.push(id);
      }
    }
    this.#reindex(this.#index6.length);
  }

  checkpoint() {
    return {
      words: this.#words.slice(0, 4 * this.#next),
      families: this.#families.slice(0, this.#next),
      free: this.#free,
    };
  }

  restore({ words, families, free }: ReturnType<AddressTable['checkpoint']>): void {
    this.#next = families.length;
    this.#free = free;
    while (this.#families.length < this.#next) this.#growPool();
    this.#words.set(words);
    this.#families.set(families);
    let slots = this.#index6.length;
    while (2 * this.size > slots) slots *= 2;
    this.#reindex(slots);
  }
}
