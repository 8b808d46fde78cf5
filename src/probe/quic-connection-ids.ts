/** Which flow goes by which QUIC connection id: what a server chose stays when the address or port of its client changes (RFC 9000 9.5). */
import { mix } from '../kit/mix.ts';
import { WordPool } from '../kit/word-pool.ts';

/** Shorter ids are no proof; longer ones there are none. */
const MIN_ID_BYTES = 8;
const MAX_ID_BYTES = 20;
const MAX_IDS = 1 << 17;

/** A record: the flow, the bytes of its id, how many they are, and the next record of the same bucket. */
const ID_WORDS = MAX_ID_BYTES / 4;
const FLOW = 0;
const COUNT = 1;
const NEXT = 2;
const ID = 3;
const WORDS = ID + ID_WORDS;
/** No record. */
const NONE = 0;

const BUCKET_BITS = 15;
/** Which ids share a bucket must not be known to who chooses them. */
const seed = (Math.random() * 0x1_0000_0000) | 0;

/** No text is made of an id: each stands in a few connections at most, and most are never asked for. */
export class QuicConnectionIds {
  /** By flow; the oldest first. */
  readonly #records = new Map<number, number>();
  readonly #pool = new WordPool(WORDS);
  readonly #buckets = new Int32Array(1 << BUCKET_BITS);
  /** Of ids that were learnt: short headers do not tell the length of theirs. */
  readonly #lengths = new Set<number>();
  /** The words of the id that is asked for, the last filled up with zeros. */
  readonly #id = new Int32Array(ID_WORDS);

  /** The id of `count` bytes at `at` stands for the flow, if none does yet. */
  learn(flow: number, bytes: Uint8Array, at: number, count: number): void {
    if (count < MIN_ID_BYTES || count > MAX_ID_BYTES || this.#records.has(flow)) return;
    this.#read(bytes, at, count);
    const bucket = bucketOf(this.#id, 0, count);
    if (this.#recordIn(bucket, count) !== NONE) return;
    if (this.#records.size === MAX_IDS)
      for (const oldest of this.#records.keys()) {
        this.forget(oldest);
        break;
      }
    const record = this.#pool.take();
    const { words } = this.#pool;
    words[record * WORDS + FLOW] = flow;
    words[record * WORDS + COUNT] = count;
    words[record * WORDS + NEXT] = this.#buckets[bucket]!;
    words.set(this.#id, record * WORDS + ID);
    this.#buckets[bucket] = record;
    this.#records.set(flow, record);
    this.#lengths.add(count);
  }

  #read(bytes: Uint8Array, at: number, count: number): void {
    const id = this.#id;
    id.fill(0);
    for (let i = 0; i < count; i++) id[i >> 2]! |= bytes[at + i]! << (8 * (i & 3));
  }

  /** The record of the id that was read. */
  #recordIn(bucket: number, count: number): number {
    const { words } = this.#pool;
    let record = this.#buckets[bucket]!;
    while (record !== NONE && !this.#holds(record, count)) record = words[record * WORDS + NEXT]!;
    return record;
  }

  #holds(record: number, count: number): boolean {
    const { words } = this.#pool;
    if (words[record * WORDS + COUNT] !== count) return false;
    for (let i = 0; i < ID_WORDS; i++) if (words[record * WORDS + ID + i] !== this.#id[i]) return false;
    return true;
  }

  /** The flow for which the id at `at` stands, of whatever length. */
  find(bytes: Uint8Array, at: number, end: number): number | undefined {
    for (const count of this.#lengths) {
      if (at + count > end) continue;
      this.#read(bytes, at, count);
      const record = this.#recordIn(bucketOf(this.#id, 0, count), count);
      if (record !== NONE) return this.#pool.words[record * WORDS + FLOW]!;
    }
    return undefined;
  }

  /** The id of one flow now stands for another, which has none. */
  pass(from: number, to: number): void {
    const record = this.#records.get(from);
    if (record === undefined) return;
    this.#records.delete(from);
    this.#records.set(to, record);
    this.#pool.words[record * WORDS + FLOW] = to;
  }

  /** The flow is over. */
  forget(flow: number): void {
    const record = this.#records.get(flow);
    if (record === undefined) return;
    this.#records.delete(flow);
    const { words } = this.#pool;
    const next = words[record * WORDS + NEXT]!;
    const bucket = bucketOf(words, record * WORDS + ID, words[record * WORDS + COUNT]!);
    if (this.#buckets[bucket] === record) this.#buckets[bucket] = next;
    else {
      let before = this.#buckets[bucket]!;
      while (words[before * WORDS + NEXT] !== record) before = words[before * WORDS + NEXT]!;
      words[before * WORDS + NEXT] = next;
    }
    this.#pool.give(record);
  }

  checkpoint() {
    const { words } = this.#pool;
    return [...this.#records].map(([flow, record]) => {
      const id = new Uint8Array(words.slice(record * WORDS + ID, record * WORDS + WORDS).buffer);
      return [flow, id.slice(0, words[record * WORDS + COUNT]!)] as const;
    });
  }

  restore(ids: ReturnType<QuicConnectionIds['checkpoint']>): void {
    for (const [flow, id] of ids) this.learn(flow, id, 0, id.length);
  }
}

/** The bucket of an id of `count` bytes, whose words begin at `at`. */
const bucketOf = (words: Int32Array, at: number, count: number): number => {
  let hash = seed ^ count;
  for (let i = 0; i < ID_WORDS; i++) hash = mix(hash ^ words[at + i]!);
  return hash >>> (32 - BUCKET_BITS);
};
