/** Addresses to which names led of one service only, lately: what tells the service of a flow that has no name. */
import { PoolRing } from '../kit/pool-ring.ts';
import { HOUR } from '../kit/time.ts';
import { WordPool } from '../kit/word-pool.ts';
import type { Catalog } from './catalog.ts';
import type { Rule } from './rule.ts';

/** An observation counts half after this time. */
const HALF_LIFE_US = HOUR;
/** Observations, by what they count by now, that a service needs at an address; */
const MIN_SUPPORT = 1.5;
/** that another service has there, to be recent: one is forgotten after four hours, */
const RECENT = 1 / 16;
/** and any number after ten, for more than so many are not counted. */
const MAX_SUPPORT = 64;
/** Addresses held; beyond it the one of which nothing was learned for longest goes. */
const MAX_ADDRESSES = 1 << 19;

/** An item: an address, two words of the ring, */
const ADDRESS = 0;
const RING = 1;
/** and two places for a service each, the last ones that it was seen with: the number of a rule, */
const PLACES = 2;
const NUMBER = 4;
/** and, as doubles, what the observations weighed and when. */
const WEIGHT = 3;
const LEARNED_AT = 5;
const WORDS = 14;
const DOUBLES = WORDS / 2;

/** The number in a place that holds no service; numbers of rules are above. */
const EMPTY = 0;

/** A name that no rule owns is of a service too: one that nobody is asked about. */
const serviceOf = (rule: Rule | undefined): string => rule?.service ?? '';

/**
 * A bounded memory that ages by packet time. Each name seen at an address is an observation, whoever was told of it; its
 * weight halves every hour. A service owns the address if its observations there weigh 1.5 or more, so that one alone
 * does not, while those of any other, and of names that no rule owns, weigh less than 1/16.
 *
 * The confidence is Laplace's rule of succession over the weights, (own + 1) / (all + 2): how probable it is that the
 * next name there is of the service again. The class is that of the service's last name there.
 */
export class ServiceAddresses {
  /** Of what `find` found: the rule of the last name there, and the confidence in its service, 0 to 1. */
  rule: Rule | undefined;
  confidence = Number.NaN;
  readonly #version: string;
  /** By number. */
  readonly #rules: readonly (Rule | undefined)[];
  readonly #numbers: ReadonlyMap<Rule | undefined, number>;
  readonly #pool = new WordPool(WORDS);
  /** In the order of learning. */
  readonly #ring = new PoolRing(this.#pool, WORDS, RING);
  /** By address id: its item, 0 for none. */
  #items = new Int32Array(1024);
  /** Addresses held. */
  size = 0;

  constructor({ version, files }: Catalog) {
    this.#version = version;
    const rules = [undefined, ...files.flatMap((file) => file.rules)];
    this.#rules = [undefined, ...rules];
    this.#numbers = new Map(rules.map((rule, i) => [rule, i + 1]));
  }

  /** A name was at an address (an id) that the rule owns, or that no rule owns. `at`: packet time, microseconds. */
  learn(address: number, rule: Rule | undefined, at: number): void {
    const item = this.#itemOf(address);
    const { words, doubles } = this.#pool;
    const place = this.#placeFor(item, serviceOf(rule), at);
    const weight = Math.min(this.#weight(item, place, at) + 1, MAX_SUPPORT);
    const d = item * DOUBLES + place;
    words[item * WORDS + NUMBER + place] = this.#numbers.get(rule)!;
    doubles[d + WEIGHT] = weight;
    // A packet whose clock is behind does not make what is known older.
    doubles[d + LEARNED_AT] = Math.max(at, doubles[d + LEARNED_AT]!);
  }

  /** Does a service own the address at a time, UTC microseconds? Then `rule` and `confidence` tell. */
  find(address: number, at: number): boolean {
    const item = address < this.#items.length ? this.#items[address]! : 0;
    if (item === 0) return false;
    const one = this.#weight(item, 0, at);
    const other = this.#weight(item, 1, at);
    const own = one >= other ? 0 : 1;
    if (Math.max(one, other) < MIN_SUPPORT || Math.min(one, other) >= RECENT) return false;
    this.rule = this.#rules[this.#pool.words[item * WORDS + NUMBER + own]!];
    this.confidence = (Math.max(one, other) + 1) / (one + other + 2);
    return this.rule !== undefined;
  }

  /** What the observations of a place weigh at a time; 0 for an empty one. */
  #weight(item: number, place: number, at: number): number {
    const { words, doubles } = this.#pool;
    if (words[item * WORDS + NUMBER + place] === EMPTY) return 0;
    const d = item * DOUBLES + place;
    return doubles[d + WEIGHT]! * 2 ** -(Math.max(0, at - doubles[d + LEARNED_AT]!) / HALF_LIFE_US);
  }

  /** The item of an address, which is the last that was learned of from now on. */
  #itemOf(address: number): number {
    if (address >= this.#items.length) this.#grow(address);
    let item = this.#items[address]!;
    if (item !== 0) this.#ring.remove(item);
    else {
      if (this.size === MAX_ADDRESSES) this.#forget(this.#ring.oldest);
      item = this.#pool.take();
      this.#pool.words[item * WORDS + ADDRESS] = address;
      this.#items[address] = item;
      this.size++;
    }
    this.#ring.put(item);
    return item;
  }

  /** The place of a service at an address, else the one that weighs less, emptied. */
  #placeFor(item: number, service: string, at: number): number {
    const { words, doubles } = this.#pool;
    for (let place = 0; place < PLACES; place++) {
      const number = words[item * WORDS + NUMBER + place]!;
      if (number !== EMPTY && serviceOf(this.#rules[number]) === service) return place;
    }
    const place = this.#weight(item, 0, at) <= this.#weight(item, 1, at) ? 0 : 1;
    words[item * WORDS + NUMBER + place] = EMPTY;
    doubles[item * DOUBLES + LEARNED_AT + place] = Number.NEGATIVE_INFINITY;
    return place;
  }

  #forget(item: number): void {
    this.#items[this.#pool.words[item * WORDS + ADDRESS]!] = 0;
    this.#ring.remove(item);
    this.#pool.give(item);
    this.size--;
  }

  #grow(address: number): void {
    const items = new Int32Array(2 ** Math.ceil(Math.log2(address + 1)));
    items.set(this.#items);
    this.#items = items;
  }

  /** Gives up addresses of which all is as good as forgotten, and marks the ids of the others. */
  markAddresses(marks: Uint8Array, at: number): void {
    for (let item = this.#ring.oldest; item !== 0; ) {
      const next = this.#ring.after(item);
      if (Math.max(this.#weight(item, 0, at), this.#weight(item, 1, at)) < RECENT) this.#forget(item);
      else marks[this.#pool.words[item * WORDS + ADDRESS]!] = 1;
      item = next;
    }
  }

  checkpoint() {
    return { rulesVersion: this.#version, size: this.size, pool: this.#pool.checkpoint() };
  }

  /** What was learned by other rules is not taken over. */
  restore({ rulesVersion, size, pool }: ReturnType<ServiceAddresses['checkpoint']>): void {
    if (rulesVersion !== this.#version) return;
    this.#pool.restore(pool);
    this.size = size;
    for (let item = this.#ring.oldest; item !== 0; item = this.#ring.after(item)) {
      const address = this.#pool.words[item * WORDS + ADDRESS]!;
      if (address >= this.#items.length) this.#grow(address);
      this.#items[address] = item;
    }
  }
}
