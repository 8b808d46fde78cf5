/** What was worked out for each interner code, kept by code: a labeller's memory. */
import type { Interner } from './interner.ts';

/** Holds one whole number of 0 or more a code, in an array that grows with the largest code asked for. */
export class CodeCache {
  readonly #compute: (code: number, interner: Interner) => number;
  #values = new Int32Array(1024).fill(-1);

  constructor(compute: (code: number, interner: Interner) => number) {
    this.#compute = compute;
  }

  /** The number of a code, computed at its first use. One cache works with one interner. */
  of(code: number, interner: Interner): number {
    const cached = code < this.#values.length ? this.#values[code]! : -1;
    if (cached >= 0) return cached;
    const value = this.#compute(code, interner);
    if (code >= this.#values.length) {
      const grown = new Int32Array(2 ** Math.ceil(Math.log2(code + 1))).fill(-1);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[code] = value;
    return value;
  }

  /** Forgets all, for when the interner is reset. */
  clear(): void {
    this.#values = new Int32Array(1024).fill(-1);
  }
}
