/** Addresses to which names led of one service only, lately: what tells the service of a flow that has no name. */
import { HOUR } from '../kit/time.ts';
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

/** An address has two places: a service each, the last ones that it was seen with. */
const PLACES = 2;
const EMPTY = -1;

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
  readonly #rules: readonly (Rule | undefined)[];
  readonly #numbers: ReadonlyMap<Rule | undefined, number>;
  /** By address id: the first of its places. In the order of learning. */
  readonly #places = new Map<number, number>();
  #numberAt = new Int32Array(PLACES * 1024);
  #weightAt = new Float64Array(PLACES * 1024);
  #learnedAt = new Float64Array(PLACES * 1024);
  #used = 0;
  readonly #free: number[] = [];

  constructor({ version, files }: Catalog) {
    this.#version = version;
    this.#rules = [undefined, ...files.flatMap(({ rules }) => rules)];
    this.#numbers = new Map(this.#rules.map((rule, number) => [rule, number]));
  }

  get size(): number {
    return this.#places.size;
  }

  /** A name was at an address (an id) that the rule owns, or that no rule owns. `at`: packet time, microseconds. */
  learn(address: number, rule: Rule | undefined, at: number): void {
    const first = this.#placeOf(address);
    const place = this.#placeFor(first, serviceOf(rule), at);
    const weight = Math.min(this.#weight(place, at) + 1, MAX_SUPPORT);
    this.#numberAt[place] = this.#numbers.get(rule)!;
    this.#weightAt[place] = weight;
    // A packet whose clock is behind does not make what is known older.
    this.#learnedAt[place] = Math.max(at, this.#learnedAt[place]!);
  }

  /** Does a service own the address at a time, UTC microseconds? Then `rule` and `confidence` tell. */
  find(address: number, at: number): boolean {
    const first = this.#places.get(address);
    if (first === undefined) return false;
    const [one, other] = [this.#weight(first, at), this.#weight(first + 1, at)];
    const own = one >= other ? first : first + 1;
    if (Math.max(one, other) < MIN_SUPPORT || Math.min(one, other) >= RECENT) return false;
    this.rule = this.#rules[this.#numberAt[own]!];
    this.confidence = (Math.max(one, other) + 1) / (one + other + 2);
    return this.rule !== undefined;
  }

  /** What the observations of a place weigh at a time; 0 for an empty one. */
  #weight(place: number, at: number): number {
    if (this.#numberAt[place] === EMPTY) return 0;
    return this.#weightAt[place]! * 2 ** -(Math.max(0, at - this.#learnedAt[place]!) / HALF_LIFE_US);
  }

  /** The first place of an address, which is the last that was learned of from now on. */
  #placeOf(address: number): number {
    let first = this.#places.get(address);
    if (first !== undefined) this.#places.delete(address);
    else {
      if (this.#places.size === MAX_ADDRESSES) this.#forget(this.#places.keys().next().value!);
      first = this.#free.pop() ?? this.#used++ * PLACES;
      if (first === this.#numberAt.length) this.#grow();
      this.#numberAt.fill(EMPTY, first, first + PLACES);
    }
    this.#places.set(address, first);
    return first;
  }

  /** The place of a service at an address, else the one that weighs less, emptied. */
  #placeFor(first: number, service: string, at: number): number {
    for (let place = first; place < first + PLACES; place++) {
      const number = this.#numberAt[place]!;
      if (number !== EMPTY && serviceOf(this.#rules[number]) === service) return place;
    }
    const place = this.#weight(first, at) <= this.#weight(first + 1, at) ? first : first + 1;
    this.#numberAt[place] = EMPTY;
    this.#learnedAt[place] = Number.NEGATIVE_INFINITY;
    return place;
  }

  #forget(address: number): void {
    this.#free.push(this.#places.get(address)!);
    this.#places.delete(address);
  }

  #grow(): void {
    const places = 2 * this.#numberAt.length;
    const [numbers, weights, times] = [this.#numberAt, this.#weightAt, this.#learnedAt];
    this.#numberAt = new Int32Array(places);
    this.#numberAt.set(numbers);
    this.#weightAt = new Float64Array(places);
    this.#weightAt.set(weights);
    this.#learnedAt = new Float64Array(places);
    this.#learnedAt.set(times);
  }

  /** Gives up addresses of which all is as good as forgotten, and marks the ids of the others. */
  markAddresses(marks: Uint8Array, at: number): void {
    for (const [address, first] of this.#places) {
      if (Math.max(this.#weight(first, at), this.#weight(first + 1, at)) < RECENT) this.#forget(address);
      else marks[address] = 1;
    }
  }

  checkpoint() {
    const addresses = Int32Array.from(this.#places.keys());
    const firsts = [...this.#places.values()];
    const gather = (values: Int32Array | Float64Array): Float64Array =>
      Float64Array.from(firsts.flatMap((first) => [values[first]!, values[first + 1]!]));
    return {
      rulesVersion: this.#version,
      addresses,
      numbers: gather(this.#numberAt),
      weights: gather(this.#weightAt),
      times: gather(this.#learnedAt),
    };
  }

  /** What was learned by other rules is not taken over. */
  restore(state: ReturnType<ServiceAddresses['checkpoint']>): void {
    if (state.rulesVersion !== this.#version) return;
    for (const [i, address] of state.addresses.entries()) {
      const first = this.#placeOf(address);
      for (let place = 0; place < PLACES; place++) {
        this.#numberAt[first + place] = state.numbers[PLACES * i + place]!;
        this.#weightAt[first + place] = state.weights[PLACES * i + place]!;
        this.#learnedAt[first + place] = state.times[PLACES * i + place]!;
      }
    }
  }
}
