/**
 * HMAC (RFC 2104) with SHA-256 (FIPS 180-4) of short messages under short keys. Where one is needed for every flow, the
 * one of node:crypto costs twice as much: most of its time goes into objects that live for one call.
 */

const BLOCK_BYTES = 64;
const BLOCK_WORDS = 16;
const ROUNDS = 64;
/** What fits in one block with the end mark and the length. */
export const MAX_MESSAGE_BYTES = BLOCK_BYTES - 9;

const isPrime = (n: number): boolean => {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return true;
};

const primes = Array.from({ length: 312 }, (_, n) => n).filter((n) => n >= 2 && isPrime(n));

/** The first 32 bits of the fraction. */
const fraction = (x: number): number => ((x - Math.floor(x)) * 2 ** 32) | 0;

/** Square roots of the first 8 primes, cube roots of the first 64. */
const initialState = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const roundConstants = Int32Array.from(primes.slice(0, ROUNDS), (prime) => fraction(Math.cbrt(prime)));

/** A block, and what its 16 words are expanded to: as many as there are rounds. */
type Schedule = Int32Array;

/** Makes bytes the start of a block, and zeros the rest. */
const load = (schedule: Schedule, bytes: Uint8Array): void => {
  schedule.fill(0, 0, BLOCK_WORDS);
  for (let i = 0; i < bytes.length; i++) schedule[i >> 2]! |= bytes[i]! << (24 - 8 * (i & 3));
};

/** Mixes a number into every word of the block. */
const mixIn = (schedule: Schedule, pad: number): void => {
  for (let i = 0; i < BLOCK_WORDS; i++) schedule[i]! ^= pad;
};

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

const expand = (w: Schedule): void => {
  for (let i = BLOCK_WORDS; i < ROUNDS; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
  }
};

/** Mixes a block, expanded, into a state. */
const compress = (state: Int32Array, w: Schedule): void => {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let i = 0; i < ROUNDS; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i]! + w[i]!) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
};

/** Expands a block that ends a hash with its first `length` bytes, behind the block of a padded key. */
const finish = (schedule: Schedule, length: number): Schedule => {
  schedule[length >> 2]! |= 0x80 << (24 - 8 * (length & 3));
  schedule[BLOCK_WORDS - 1] = 8 * (BLOCK_BYTES + length);
  expand(schedule);
  return schedule;
};

const prepare = (message: Uint8Array, schedule: Schedule): Schedule => {
  load(schedule, message);
  return finish(schedule, message.length);
};

/** A message of at most `MAX_MESSAGE_BYTES` that is digested under many keys: a third of the work on it is done once. */
export class PreparedMessage {
  readonly schedule: Schedule;

  constructor(message: Uint8Array) {
    this.schedule = prepare(message, new Int32Array(ROUNDS));
  }
}

/** Of every byte of a key's block. */
const INNER_PAD = 0x36363636;
const OUTER_PAD = 0x5c5c5c5c;

/** Overwritten by each hash. */
const scratch = new Int32Array(ROUNDS);

export class HmacSha256 {
  /** Behind the block of the padded key. */
  readonly #inner = new Int32Array(8);
  readonly #outer = new Int32Array(8);
  readonly #state = new Int32Array(8);

  /** A key of at most 64 bytes. */
  setKey(key: Uint8Array): this {
    load(scratch, key);
    mixIn(scratch, INNER_PAD);
    this.#begin(this.#inner);
    mixIn(scratch, INNER_PAD ^ OUTER_PAD);
    this.#begin(this.#outer);
    return this;
  }

  #begin(state: Int32Array): void {
    expand(scratch);
    state.set(initialState);
    compress(state, scratch);
  }

  /**
   * The digest of a message of at most `MAX_MESSAGE_BYTES`.
   *
   * @param into takes the digest's first bytes, as many as it is long: at most 32
   */
  digest(message: Uint8Array | PreparedMessage, into: Uint8Array): void {
    const state = this.#state;
    state.set(this.#inner);
    compress(state, message instanceof PreparedMessage ? message.schedule : prepare(message, scratch));
    scratch.set(state);
    scratch.fill(0, state.length, BLOCK_WORDS);
    state.set(this.#outer);
    compress(state, finish(scratch, 4 * state.length));
    for (let i = 0; i < into.length; i++) into[i] = state[i >> 2]! >>> (24 - 8 * (i & 3));
  }
}
