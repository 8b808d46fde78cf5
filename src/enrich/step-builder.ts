/** Ranges of addresses, which may overlap, made into a table of steps. */
import type { StepTable } from './step-table.ts';

/**
 * Takes ranges in ascending order of their first address. Where two overlap, the one that begins later holds: it is
 * the more specific of the two, or the correction.
 */
export class StepBuilder {
  readonly #bits: 32 | 128;
  readonly #starts: bigint[] = [0n];
  readonly #values: number[] = [0];
  /** Ranges that are not over yet, the innermost last. */
  readonly #open: { readonly last: bigint; readonly value: number }[] = [];

  constructor(bits: 32 | 128) {
    this.#bits = bits;
  }

  /**
   * @param first first address
   * @param last last address, itself included
   * @param value what holds in between, 1 or more
   * @returns false, and nothing added, if the range is empty, too large or out of order
   */
  add(first: bigint, last: bigint, value: number): boolean {
    if (first > last || last >> BigInt(this.#bits) !== 0n || first < this.#starts.at(-1)!) return false;
    this.#closeBefore(first);
    this.#open.push({ last, value });
    this.#step(first, value);
    return true;
  }

  build(): StepTable {
    this.#closeBefore(1n << BigInt(this.#bits));
    const words = this.#bits / 32;
    const starts = new Uint32Array(words * this.#starts.length);
    for (const [i, start] of this.#starts.entries()) {
      if (words === 1) starts[i] = Number(start);
      else for (let w = 0; w < 4; w++) starts[4 * i + w] = Number(BigInt.asUintN(32, start >> BigInt(96 - 32 * w)));
    }
    return { starts, values: Uint32Array.from(this.#values) };
  }

  /** Ends the ranges that end before `address`; what they covered falls back to the range around them. */
  #closeBefore(address: bigint): void {
    for (let range = this.#open.at(-1); range !== undefined && range.last < address; range = this.#open.at(-1)) {
      this.#open.pop();
      while (this.#open.length > 0 && this.#open.at(-1)!.last <= range.last) this.#open.pop();
      this.#step(range.last + 1n, this.#open.at(-1)?.value ?? 0);
    }
  }

  #step(start: bigint, value: number): void {
    if (start >> BigInt(this.#bits) !== 0n) return;
    if (this.#starts.at(-1) === start) this.#values[this.#values.length - 1] = value;
    else {
      this.#starts.push(start);
      this.#values.push(value);
    }
  }
}
