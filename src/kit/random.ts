/** A seeded generator of random numbers: sfc32 (Doty-Humphrey, PractRand), so that the same seed gives the same run anywhere. */

/** Scrambles one 32-bit word (the finalizer of MurmurHash3), so that near seeds give far states. */
const scramble = (word: number): number => {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/**
 * Random numbers that depend on the seed alone; not for secrets.
 *
 * @example
 * const random = new Random(7);
 * random.pick(['a', 'b', 'c']);
 */
export class Random {
  readonly #seed: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `seed`: its low 32 bits count. */
  constructor(seed: number) {
    this.#seed = seed | 0;
    this.#a = scramble(seed);
    this.#b = scramble(seed ^ 0x9e3779b9);
    this.#c = scramble(seed + 0x6a09e667);
    for (let i = 0; i < 12; i++) this.word();
  }

  /** A generator of its own for the part `n` of a whole: what one part draws does not move the others. */
  fork(n: number): Random {
    return new Random(scramble(this.#seed) ^ scramble(n + 0x51ed270b));
  }

  /** 32 random bits as an unsigned number. */
  word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.word() / 0x1_0000_0000;
  }

  /** A whole number, uniform in [low, high]. */
  between(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** An element of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.unit() * list.length)]!;
  }

  /** An element of a list that is not empty, each as often as its weight says. */
  weighted<T>(list: readonly T[], weightOf: (element: T) => number): T {
    let rest = this.unit() * list.reduce((sum, element) => sum + weightOf(element), 0);
    for (const element of list) {
      rest -= weightOf(element);
      if (rest < 0) return element;
    }
    return list.at(-1)!;
  }

  /** Exponential with the given mean: the gaps of a Poisson process. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  /** Normal with mean 0 and standard deviation 1. */
  normal(): number {
    // Box and Muller (1958); 1 - u keeps the logarithm finite.
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  /** Log-normal: half of the values are under `median`; `sigma` is the standard deviation of the natural logarithm. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** `count` random bytes. */
  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.word() >>> 24);
  }
}
