/** The CNAME records of one answer, put into the order in which a resolver follows them (RFC 1034 3.6.2). */

/** Aliases kept of one message; resolvers give up far earlier. */
const MAX_ALIASES = 32;

/**
 * A reusable list of names, which are interner codes: `clear`, `add` each record, `resolve` once, then read `names` and `ttlTo`.
 *
 * The order of the records in the message does not matter, and a loop ends where it closes.
 */
export class DnsAliases {
  /** Targets in the order of the chain; those that are not on it follow in message order. */
  readonly names: number[] = [];
  #count = 0;
  #question = 0;
  #chainLength = 0;
  readonly #owners = new Int32Array(MAX_ALIASES);
  readonly #targets = new Int32Array(MAX_ALIASES);
  readonly #ttlsS = new Float64Array(MAX_ALIASES);
  readonly #followed = new Uint8Array(MAX_ALIASES);
  /** The least TTL of the chain up to the alias of that place. */
  readonly #chainTtlsS = new Float64Array(MAX_ALIASES);

  clear(): void {
    this.#count = 0;
    this.#chainLength = 0;
    // Setting the length of an array is dear, and most messages have no alias.
    if (this.names.length > 0) this.names.length = 0;
  }

  /** @returns false if no more are kept */
  add(owner: number, target: number, ttlS: number): boolean {
    const i = this.#count;
    if (i === MAX_ALIASES) return false;
    this.#count++;
    this.#owners[i] = owner;
    this.#targets[i] = target;
    this.#ttlsS[i] = ttlS;
    this.#followed[i] = 0;
    return true;
  }

  resolve(question: number): void {
    this.#question = question;
    if (this.#count === 0) return;
    let leastTtlS = Number.POSITIVE_INFINITY;
    for (let i = this.#next(question); i >= 0; i = this.#next(this.#targets[i]!)) {
      this.#followed[i] = 1;
      leastTtlS = Math.min(leastTtlS, this.#ttlsS[i]!);
      this.#chainTtlsS[this.#chainLength++] = leastTtlS;
      this.names.push(this.#targets[i]!);
    }
    for (let i = 0; i < this.#count; i++) if (this.#followed[i] === 0) this.names.push(this.#targets[i]!);
  }

  /** The record to follow from `name`, -1 if there is none. */
  #next(name: number): number {
    for (let i = 0; i < this.#count; i++) if (this.#followed[i] === 0 && this.#owners[i] === name) return i;
    return -1;
  }

  /** Seconds for which the way from the question to `name` holds: infinite for the question itself, -1 if no way leads there. */
  ttlTo(name: number): number {
    if (name === this.#question) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#chainLength; i++) if (this.names[i] === name) return this.#chainTtlsS[i]!;
    return -1;
  }
}
