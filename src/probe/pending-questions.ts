/** DNS questions that wait for their answers: found by what pairs the two, and in the order in which they were sent last. */
import { mix } from '../kit/mix.ts';
import { PoolRing } from '../kit/pool-ring.ts';
import { WordPool } from '../kit/word-pool.ts';

/** A question and what is known of its answer. */
export interface Transaction {
  /** Address ids. */
  client: number;
  resolver: number;
  /** Interner code of what the subscriber who asks is known by; 0 if by the address alone. */
  subscriber: number;
  /** Ports of the flow that carries it, and the id of the message: what pairs question and answer, with the name. */
  ports: number;
  id: number;
  overTcp: boolean;
  /** Interner code of the question name. */
  qname: number;
  /** -1 without a question. */
  qtype: number;
  askedAt: number;
  lastAskedAt: number;
  answeredAt: number;
  retries: number;
}

export const newTransaction = (): Transaction => ({
  client: 0,
  resolver: 0,
  subscriber: 0,
  ports: 0,
  id: 0,
  overTcp: false,
  qname: 0,
  qtype: -1,
  askedAt: Number.NaN,
  lastAskedAt: Number.NaN,
  answeredAt: Number.NaN,
  retries: 0,
});

// A question in the pool: the words of its transaction,
const CLIENT = 0;
const RESOLVER = 1;
const SUBSCRIBER = 2;
const PORTS = 3;
/** with this bit for TCP, */
const ID = 4;
const OVER_TCP = 1 << 16;
const QNAME = 5;
const QTYPE = 6;
const RETRIES = 7;
/** its hash and the next one in its bucket, two words of the ring, */
const HASH = 8;
const NEXT = 9;
const RING = 10;
/** and, as doubles, its times: one line of the cache in all. */
const ASKED_AT = 6;
const LAST_ASKED_AT = 7;
const WORDS = 16;
const DOUBLES = WORDS / 2;

// Which questions collide must not be known to who chooses ports, ids and names.
const seed = (Math.random() * 0x1_0000_0000) | 0;

const messageId = ({ id, overTcp }: Transaction): number => (overTcp ? id | OVER_TCP : id);

/** Nearly always distinct for questions that wait at once; all that an answer tells which does not repeat the question. */
const hashOf = (transaction: Transaction): number =>
  mix(mix(mix(mix(seed ^ transaction.client) ^ transaction.resolver) ^ transaction.ports) ^ messageId(transaction));

/** For a question whose hash another one has. */
const longHashOf = (transaction: Transaction): number =>
  mix(mix(hashOf(transaction) ^ transaction.qname) ^ transaction.qtype);

export class PendingQuestions {
  size = 0;
  readonly #pool = new WordPool(WORDS);
  readonly #ring = new PoolRing(this.#pool, WORDS, RING);
  /** By the low bits of the hash: the first question of the bucket, 0 for none. No fewer buckets than questions. */
  #buckets = new Int32Array(1024);
  /** For a question that is put from one place to another. */
  readonly #moved = newTransaction();

  /** When the oldest question was sent last; NaN if there is none. */
  get oldestAt(): number {
    const { oldest } = this.#ring;
    return oldest === 0 ? Number.NaN : this.#pool.doubles[oldest * DOUBLES + LAST_ASKED_AT]!;
  }

  /** Takes the question that a message belongs to out and into `taken`; false if none waits. */
  take(seen: Transaction, taken: Transaction): boolean {
    // One under its long hash may have outlived the one that stood in its way.
    const item = this.#find(hashOf(seen), seen) || this.#find(longHashOf(seen), seen);
    if (item !== 0) this.#remove(item, taken);
    return item !== 0;
  }

  /** Takes the oldest question, which there must be. */
  takeOldest(taken: Transaction): void {
    this.#remove(this.#ring.oldest, taken);
  }

  /** Adds a question as the newest. */
  put(transaction: Transaction): void {
    const item = this.#pool.take();
    const { words, doubles } = this.#pool;
    const w = item * WORDS;
    words[w + CLIENT] = transaction.client;
    words[w + RESOLVER] = transaction.resolver;
    words[w + SUBSCRIBER] = transaction.subscriber;
    words[w + PORTS] = transaction.ports;
    words[w + ID] = messageId(transaction);
    words[w + QNAME] = transaction.qname;
    words[w + QTYPE] = transaction.qtype;
    words[w + RETRIES] = transaction.retries;
    doubles[item * DOUBLES + ASKED_AT] = transaction.askedAt;
    doubles[item * DOUBLES + LAST_ASKED_AT] = transaction.lastAskedAt;
    this.#ring.put(item);
    if (++this.size > this.#buckets.length) this.#reindex(2 * this.#buckets.length);
    else this.#enter(item, transaction);
  }

  #bucketOf(hash: number): number {
    return hash & (this.#buckets.length - 1);
  }

  #find(hash: number, seen: Transaction): number {
    const { words } = this.#pool;
    let item = this.#buckets[this.#bucketOf(hash)]!;
    while (item !== 0 && !(words[item * WORDS + HASH] === hash && this.#isSame(item, seen))) {
      item = words[item * WORDS + NEXT]!;
    }
    return item;
  }

  /** An answer need not repeat the question: then ports and id must do. */
  #isSame(item: number, seen: Transaction): boolean {
    const { words } = this.#pool;
    const w = item * WORDS;
    return (
      words[w + CLIENT] === seen.client &&
      words[w + RESOLVER] === seen.resolver &&
      words[w + PORTS] === seen.ports &&
      words[w + ID] === messageId(seen) &&
      (seen.qtype < 0 || (words[w + QNAME] === seen.qname && words[w + QTYPE] === seen.qtype))
    );
  }

  #isTaken(hash: number): boolean {
    const { words } = this.#pool;
    let item = this.#buckets[this.#bucketOf(hash)]!;
    while (item !== 0 && words[item * WORDS + HASH] !== hash) item = words[item * WORDS + NEXT]!;
    return item !== 0;
  }

  /** Puts a question into its bucket. */
  #enter(item: number, transaction: Transaction): void {
    const { words } = this.#pool;
    const short = hashOf(transaction);
    const hash = this.#isTaken(short) ? longHashOf(transaction) : short;
    const bucket = this.#bucketOf(hash);
    words[item * WORDS + HASH] = hash;
    words[item * WORDS + NEXT] = this.#buckets[bucket]!;
    this.#buckets[bucket] = item;
  }

  #remove(item: number, taken: Transaction): void {
    const { words } = this.#pool;
    this.#load(item, taken);
    const next = words[item * WORDS + NEXT]!;
    const bucket = this.#bucketOf(words[item * WORDS + HASH]!);
    let before = this.#buckets[bucket]!;
    if (before === item) this.#buckets[bucket] = next;
    else {
      while (words[before * WORDS + NEXT] !== item) before = words[before * WORDS + NEXT]!;
      words[before * WORDS + NEXT] = next;
    }
    this.#ring.remove(item);
    this.#pool.give(item);
    this.size--;
  }

  #load(item: number, into: Transaction): void {
    const { words, doubles } = this.#pool;
    const w = item * WORDS;
    into.client = words[w + CLIENT]!;
    into.resolver = words[w + RESOLVER]!;
    into.subscriber = words[w + SUBSCRIBER]!;
    into.ports = words[w + PORTS]!;
    into.id = words[w + ID]! & ~OVER_TCP;
    into.overTcp = (words[w + ID]! & OVER_TCP) !== 0;
    into.qname = words[w + QNAME]!;
    into.qtype = words[w + QTYPE]!;
    into.retries = words[w + RETRIES]!;
    into.askedAt = doubles[item * DOUBLES + ASKED_AT]!;
    into.lastAskedAt = doubles[item * DOUBLES + LAST_ASKED_AT]!;
    into.answeredAt = Number.NaN;
  }

  #reindex(buckets: number): void {
    this.#buckets = new Int32Array(buckets);
    this.#forEach((item) => {
      this.#load(item, this.#moved);
      this.#enter(item, this.#moved);
    });
  }

  #forEach(visit: (item: number) => void): void {
    for (let item = this.#ring.oldest; item !== 0; item = this.#ring.after(item)) visit(item);
  }

  /** Gives every code held its code in a new epoch of the interner. */
  recode(codeOf: (code: number) => number): void {
    const { words } = this.#pool;
    this.#forEach((item) => {
      for (const word of [SUBSCRIBER, QNAME]) words[item * WORDS + word] = codeOf(words[item * WORDS + word]!);
    });
    this.#reindex(this.#buckets.length);
  }

  /** Address ids that are in use. */
  markAddresses(marks: Uint8Array): void {
    const { words } = this.#pool;
    this.#forEach((item) => {
      marks[words[item * WORDS + CLIENT]!] = 1;
      marks[words[item * WORDS + RESOLVER]!] = 1;
    });
  }

  checkpoint() {
    return { size: this.size, pool: this.#pool.checkpoint() };
  }

  restore({ size, pool }: ReturnType<PendingQuestions['checkpoint']>): void {
    this.size = size;
    this.#pool.restore(pool);
    let buckets = this.#buckets.length;
    while (buckets < size) buckets *= 2;
    this.#reindex(buckets);
  }
}
