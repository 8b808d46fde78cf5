/** What every client was told about every server: the DNS answers that can name its flows, bounded, in typed arrays. */

import { mix } from '../kit/mix.ts';

/** The bounds, each at least 1. */
export interface AnswerMapOptions {
  /** Answers held; beyond it the one that was given longest ago goes. */
  readonly maxAnswers: number;
  /** Answers held for one client; beyond it that client's oldest goes. */
  readonly maxAnswersPerClient: number;
  /** Names held for one client and server; beyond it the oldest of them goes. It bounds the work of a call. */
  readonly maxNamesPerServer: number;
}

const NONE = -1;

// One answer: nine 32-bit words here and its time in an array of its own, 44 bytes.
const WORDS = 9;
const CLIENT = 0;
const SERVER = 1;
const NAME = 2;
const TTL = 3;
/** The next older answer for the same client and server. */
const OLDER_NAME = 4;
/** Two lists, each of a link to the next newer and the next older answer: all answers, and those of the client. */
const ALL = 5;
const OF_CLIENT = 7;
const NEWER = 0;
const OLDER = 1;

// The ends of a list, each an answer plus 1; of a client's list also its length.
const NEWEST = 0;
const OLDEST = 1;
const LENGTH = 2;
const CLIENT_WORDS = 3;

// Which slots collide must not be known to who sends the packets; what is found does not depend on it.
const seed = (Math.random() * 0x1_0000_0000) | 0;

const hashOf = (client: number, server: number): number => mix(mix(seed ^ client) ^ server);

/** RFC 2181 section 8: a TTL with the top bit set is to be read as 0. */
const toTtl = (ttlS: number): number => (ttlS > 0x7fffffff ? 0 : ttlS);

/**
 * For each client: server address -> names, newest answer first.
 *
 * Addresses are dense ids from 0 (IPv4 and IPv6 alike), names are interner codes, times UTC microseconds. "Newest" is
 * the order of the calls, which is the order of the packets; no clock is read, so any speed gives the same names. The
 * same name again for the same client and server is one answer with a new time and TTL. An answer with TTL 0 is held
 * too: what age is good enough is decided where the answer is used (`dnsEvidence`).
 *
 * Memory grows by doubling. Once the map is full an answer takes 44 bytes, at most 16 in the index, and 12 for each
 * address id.
 *
 * @example
 * const map = new AnswerMap({ maxAnswers: 1 << 20, maxAnswersPerClient: 4096, maxNamesPerServer: 64 });
 * map.answered(client, server, interner.code('e13.whatsapp.net'), at, 2925);
 * if (map.find(client, server)) row.dns_name = map.name;
 */
export class AnswerMap {
  /** Of the answer that `find` found last: its name, */
  name = 0;
  /** when it passed (UTC microseconds), */
  answeredAt = 0;
  /** how long it was good for, in seconds, */
  ttlS = 0;
  /** and how many names this client holds for this server. */
  candidateCount = 0;
  /** Those names, newest first and distinct, the winner included; the first `candidateCount` count, until the next call. */
  readonly candidates: Int32Array;
  /** Answers that went to make room. */
  evicted = 0;

  readonly #options: AnswerMapOptions;
  #words: Int32Array;
  #times: Float64Array;
  #capacity = 256;
  /** Answers ever held at once: those below were taken from the pool, of which `#free` chains the ones given back. */
  #used = 0;
  #free = NONE;
  #size = 0;
  readonly #all = new Int32Array(2);
  /**
   * Open addressing with linear probing at load 0.5 or less: the newest answer of each client and server, plus 1. The
   * bits above those say which hash it has, so that the answers of others need not be looked at.
   */
  #index: Int32Array;
  /** The bits of an entry that say which answer. */
  readonly #answerBits: number;
  /** By client id: the ends and the length of the client's list. */
  #clients = new Int32Array(CLIENT_WORDS * 256);

  constructor(options: AnswerMapOptions) {
    this.#options = options;
    this.#answerBits = -1 >>> Math.clz32(options.maxAnswers);
    this.candidates = new Int32Array(options.maxNamesPerServer);
    this.#words = new Int32Array(this.#capacity * WORDS);
    this.#times = new Float64Array(this.#capacity);
    this.#index = new Int32Array(2 * this.#capacity);
  }

  /** Answers held. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of all arrays. */
  get byteLength(): number {
    return this.#words.byteLength + this.#times.byteLength + this.#index.byteLength + this.#clients.byteLength;
  }

  /**
   * An answer to `client` said that `name` is at `server`.
   *
   * @param at when the answer passed, UTC microseconds
   * @param ttlS seconds for which it is good: the least of its alias chain
   */
  answered(client: number, server: number, name: number, at: number, ttlS: number): void {
    let answer = this.#take(client, server, name);
    if (answer === NONE) {
      answer = this.#allocate(client);
      this.#words[answer * WORDS + CLIENT] = client;
      this.#words[answer * WORDS + SERVER] = server;
      this.#words[answer * WORDS + NAME] = name;
    }
    this.#words[answer * WORDS + TTL] = toTtl(ttlS);
    this.#times[answer] = at;
    this.#put(answer, client, server);
  }

  /**
   * Finds the names for a flow at its first packet; false if this client never heard of this server.
   *
   * @param since answers given before were for another who had the client's address (UTC microseconds)
   */
  find(client: number, server: number, since = Number.NEGATIVE_INFINITY): boolean {
    const words = this.#words;
    const newest = this.#newestAt(this.#slotOf(client, server));
    this.candidateCount = 0;
    if (newest === NONE || this.#times[newest]! < since) return false;
    this.name = words[newest * WORDS + NAME]!;
    this.ttlS = words[newest * WORDS + TTL]!;
    this.answeredAt = this.#times[newest]!;
    for (let answer = newest; answer !== NONE; answer = words[answer * WORDS + OLDER_NAME]!) {
      if (this.#times[answer]! < since) break;
      this.candidates[this.candidateCount++] = words[answer * WORDS + NAME]!;
    }
    return true;
  }

  /**
   * Visits every answer, oldest first. To mark the ids that are in use; or, by giving each to `answered` of another
   * map, to copy it with other ids or through a file.
   */
  forEachAnswer(visit: (client: number, server: number, name: number, at: number, ttlS: number) => void): void {
    const words = this.#words;
    for (let answer = this.#all[OLDEST]! - 1; answer !== NONE; answer = words[answer * WORDS + ALL + NEWER]!) {
      const word = answer * WORDS;
      visit(
        words[word + CLIENT]!,
        words[word + SERVER]!,
        words[word + NAME]!,
        this.#times[answer]!,
        words[word + TTL]!,
      );
    }
  }

  checkpoint() {
    const words = new Int32Array(4 * this.#size);
    const times = new Float64Array(this.#size);
    let i = 0;
    this.forEachAnswer((client, server, name, at, ttlS) => {
      words.set([client, server, name, ttlS], 4 * i);
      times[i++] = at;
    });
    return { words, times };
  }

  restore({ words, times }: ReturnType<AnswerMap['checkpoint']>): void {
    for (let i = 0; i < times.length; i++) {
      this.answered(words[4 * i]!, words[4 * i + 1]!, words[4 * i + 2]!, times[i]!, words[4 * i + 3]!);
    }
  }

  /**
   * Takes the answer with this name out of all lists, to be put back as the newest; NONE if there is none. Then, if
   * the client and server have as many names as they may, the oldest of them goes.
   */
  #take(client: number, server: number, name: number): number {
    const words = this.#words;
    let answer = this.#newestAt(this.#slotOf(client, server));
    let length = 0;
    let last = NONE;
    for (; answer !== NONE; answer = words[answer * WORDS + OLDER_NAME]!) {
      if (words[answer * WORDS + NAME] === name) {
        this.#remove(answer);
        return answer;
      }
      last = answer;
      length++;
    }
    if (length >= this.#options.maxNamesPerServer) this.#evict(last);
    return NONE;
  }

  /** A free place in the pool, after the bounds had their say. */
  #allocate(client: number): number {
    const list = client * CLIENT_WORDS;
    if (list >= this.#clients.length) this.#growClients(client);
    if (this.#clients[list + LENGTH]! >= this.#options.maxAnswersPerClient) {
      this.#evict(this.#clients[list + OLDEST]! - 1);
    }
    if (this.#size >= this.#options.maxAnswers) this.#evict(this.#all[OLDEST]! - 1);
    const answer = this.#free;
    if (answer !== NONE) {
      this.#free = this.#words[answer * WORDS + OLDER_NAME]!;
      return answer;
    }
    if (this.#used === this.#capacity) this.#grow();
    return this.#used++;
  }

  /** Removes one answer for good. Only this one goes: the index is told only if nothing newer owns the address. */
  #evict(answer: number): void {
    this.#remove(answer);
    this.#words[answer * WORDS + OLDER_NAME] = this.#free;
    this.#free = answer;
    this.evicted++;
  }

  /** Puts an answer, which is in no list, first in all lists. */
  #put(answer: number, client: number, server: number): void {
    const slot = this.#slotOf(client, server);
    this.#words[answer * WORDS + OLDER_NAME] = this.#newestAt(slot);
    this.#index[slot] = this.#entryOf(answer);
    this.#join(answer, ALL, this.#all, 0);
    this.#join(answer, OF_CLIENT, this.#clients, client * CLIENT_WORDS);
    this.#clients[client * CLIENT_WORDS + LENGTH]!++;
    this.#size++;
  }

  /** Takes an answer out of all lists. */
  #remove(answer: number): void {
    const words = this.#words;
    const client = words[answer * WORDS + CLIENT]!;
    const slot = this.#slotOf(client, words[answer * WORDS + SERVER]!);
    const older = words[answer * WORDS + OLDER_NAME]!;
    const first = this.#newestAt(slot);
    if (first !== answer) {
      let before = first;
      while (words[before * WORDS + OLDER_NAME] !== answer) before = words[before * WORDS + OLDER_NAME]!;
      words[before * WORDS + OLDER_NAME] = older;
    } else if (older !== NONE) this.#index[slot] = this.#entryOf(older);
    else this.#vacate(slot);
    this.#leave(answer, ALL, this.#all, 0);
    this.#leave(answer, OF_CLIENT, this.#clients, client * CLIENT_WORDS);
    this.#clients[client * CLIENT_WORDS + LENGTH]!--;
    this.#size--;
  }

  /** Makes an answer the newest of the list whose links are at `link` and whose ends are at `at` of `ends`. */
  #join(answer: number, link: number, ends: Int32Array, at: number): void {
    const words = this.#words;
    const newest = ends[at + NEWEST]! - 1;
    words[answer * WORDS + link + NEWER] = NONE;
    words[answer * WORDS + link + OLDER] = newest;
    if (newest === NONE) ends[at + OLDEST] = answer + 1;
    else words[newest * WORDS + link + NEWER] = answer;
    ends[at + NEWEST] = answer + 1;
  }

  /** Takes an answer out of that list. */
  #leave(answer: number, link: number, ends: Int32Array, at: number): void {
    const words = this.#words;
    const newer = words[answer * WORDS + link + NEWER]!;
    const older = words[answer * WORDS + link + OLDER]!;
    if (newer === NONE) ends[at + NEWEST] = older + 1;
    else words[newer * WORDS + link + OLDER] = older;
    if (older === NONE) ends[at + OLDEST] = newer + 1;
    else words[older * WORDS + link + NEWER] = newer;
  }

  /** The slot of the index that holds this client and server, or the empty one where they belong. */
  #slotOf(client: number, server: number): number {
    const index = this.#index;
    const mask = index.length - 1;
    const hash = hashOf(client, server);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = index[slot]!;
      if (entry === 0) return slot;
      if (((entry ^ hash) & ~this.#answerBits) !== 0) continue;
      const at = ((entry & this.#answerBits) - 1) * WORDS;
      if (this.#words[at + SERVER] === server && this.#words[at + CLIENT] === client) return slot;
    }
  }

  #newestAt(slot: number): number {
    return (this.#index[slot]! & this.#answerBits) - 1;
  }

  #entryOf(answer: number): number {
    return (this.#hashOfAnswer(answer) & ~this.#answerBits) | (answer + 1);
  }

  #hashOfAnswer(answer: number): number {
    return hashOf(this.#words[answer * WORDS + CLIENT]!, this.#words[answer * WORDS + SERVER]!);
  }

  /** Empties a slot and moves those behind it up, so that probing needs no tombstones (Knuth, 6.4, algorithm R). */
  #vacate(slot: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let hole = slot;
    for (let next = (slot + 1) & mask; index[next] !== 0; next = (next + 1) & mask) {
      const home = this.#hashOfAnswer(this.#newestAt(next)) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        index[hole] = index[next]!;
        hole = next;
      }
    }
    index[hole] = 0;
  }

  #grow(): void {
    this.#capacity = Math.min(2 * this.#capacity, this.#options.maxAnswers);
    const words = new Int32Array(this.#capacity * WORDS);
    words.set(this.#words);
    this.#words = words;
    const times = new Float64Array(this.#capacity);
    times.set(this.#times);
    this.#times = times;
    if (this.#index.length >= 2 * this.#capacity) return;
    this.#index = new Int32Array(2 * this.#index.length);
    // In this order, in which they mostly lie in memory too, the newest of a client and server is the one that stays.
    for (let answer = this.#all[OLDEST]! - 1; answer !== NONE; answer = words[answer * WORDS + ALL + NEWER]!) {
      const slot = this.#slotOf(words[answer * WORDS + CLIENT]!, words[answer * WORDS + SERVER]!);
      this.#index[slot] = this.#entryOf(answer);
    }
  }

  #growClients(client: number): void {
    let { length } = this.#clients;
    while (length <= client * CLIENT_WORDS) length *= 2;
    const clients = new Int32Array(length);
    clients.set(this.#clients);
    this.#clients = clients;
  }
}
