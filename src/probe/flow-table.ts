/** The flow table: records in one buffer, an open-addressing index that finds a flow from either direction. */
import type { AddressTable } from '../packet/address-table.ts';
import { FlowBit, KEY_BITS, protocolOf, RECORD_WORDS, Word } from './flow-record.ts';

const INITIAL_FLOWS = 4096;

/** Which flows collide must not be known to who sends the packets; what is found does not depend on it. */
const addressSeed = (Math.random() * 0x1_0000_0000) | 0;
const portFactor = (Math.random() * 0x1_0000_0000) | 1;

/**
 * Flows are small integers, reused after `remove`. `words` and `doubles` are views of the same bytes and are replaced
 * when the table grows: read them afresh after `add`. Part of the fast path.
 */
export class FlowTable {
  words: Int32Array;
  doubles: Float64Array;
  /** Live flows. */
  size = 0;
  readonly maxFlows: number;
  /** [hash, flow + 1] pairs, at load 0.5 or less. */
  #index: Int32Array;
  /** By flow: the ids of its client and its server. */
  #addressIds = new Int32Array(2 * INITIAL_FLOWS);
  #mask: number;
  #capacity = INITIAL_FLOWS;
  #next = 0;
  #free: Int32Array = new Int32Array(INITIAL_FLOWS);
  #freeCount = 0;

  constructor(maxFlows: number) {
    this.maxFlows = maxFlows;
    const buffer = new ArrayBuffer(4 * RECORD_WORDS * INITIAL_FLOWS);
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.#index = new Int32Array(4 * INITIAL_FLOWS);
    this.#mask = 2 * INITIAL_FLOWS - 1;
  }

  /** Flows that the table has room for before it grows; one more than the largest flow. */
  get capacity(): number {
    return this.#capacity;
  }

  /** One more than the largest flow ever added. */
  get bound(): number {
    return this.#next;
  }

  /** The same for both directions. `key`: protocol and family, by `keyBits`. */
  hash(a: number, b: number, portA: number, portB: number, key: number): number {
    let x = Math.imul(a ^ addressSeed ^ Math.imul(portA, portFactor), 0x85ebca6b);
    x ^= x >>> 15;
    let y = Math.imul(b ^ addressSeed ^ Math.imul(portB, portFactor), 0x85ebca6b);
    y ^= y >>> 15;
    let h = Math.imul(x + y + Math.imul(x ^ y, 0xc2b2ae35), 0x27d4eb2f) ^ Math.imul(key, 0x9e3779b1);
    h ^= h >>> 16;
    h = Math.imul(h, 0x7feb352d);
    return h ^ (h >>> 15);
  }

  /**
   * Finds the flow of a packet from (a, portA) to (b, portB).
   *
   * @param key protocol and family, by `keyBits`
   * @returns 2 * flow if a is the client, 2 * flow + 1 if a is the server, -1 if there is none
   */
  find(hash: number, a: number, b: number, portA: number, portB: number, key: number): number {
    const index = this.#index;
    const words = this.words;
    const mask = this.#mask;
    const forward = (portA << 16) | portB;
    const backward = (portB << 16) | portA;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const flow = index[2 * at + 1]! - 1;
      if (flow < 0) return -1;
      if (index[2 * at] !== hash) continue;
      const w = flow * RECORD_WORDS;
      if (((words[w + Word.BITS]! ^ key) & KEY_BITS) !== 0) continue;
      const ports = words[w + Word.PORTS];
      if (ports === forward && words[w + Word.CLIENT] === a && words[w + Word.SERVER] === b) return 2 * flow;
      if (ports === backward && words[w + Word.CLIENT] === b && words[w + Word.SERVER] === a) return 2 * flow + 1;
    }
  }

  /** Adds a flow under the hash of its key, all its fields 0. The caller fills the key, and has made room if `size` is `maxFlows`. */
  add(hash: number): number {
    let flow: number;
    if (this.#freeCount > 0) flow = this.#free[--this.#freeCount]!;
    else {
      flow = this.#next++;
      if (flow === this.#capacity) this.#grow();
    }
    const w = flow * RECORD_WORDS;
    this.words.fill(0, w, w + RECORD_WORDS);
    this.#insert(hash, flow);
    this.size++;
    return flow;
  }

  #insert(hash: number, flow: number): void {
    let at = hash & this.#mask;
    while (this.#index[2 * at + 1] !== 0) at = (at + 1) & this.#mask;
    this.#index[2 * at] = hash;
    this.#index[2 * at + 1] = flow + 1;
  }

  /** Takes the flow out; its record may be read until the next `add`. */
  remove(flow: number): void {
    const index = this.#index;
    const mask = this.#mask;
    let hole = this.#hashOf(flow) & mask;
    while (index[2 * hole + 1] !== flow + 1) hole = (hole + 1) & mask;
    // Backward-shift deletion: what follows moves up unless it already stands at or behind its home.
    for (let at = (hole + 1) & mask; index[2 * at + 1] !== 0; at = (at + 1) & mask) {
      const home = index[2 * at]! & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      index[2 * hole] = index[2 * at]!;
      index[2 * hole + 1] = index[2 * at + 1]!;
      hole = at;
    }
    index[2 * hole + 1] = 0;
    this.#free[this.#freeCount++] = flow;
    this.size--;
  }

  #hashOf(flow: number): number {
    const { words } = this;
    const w = flow * RECORD_WORDS;
    const ports = words[w + Word.PORTS]!;
    const key = words[w + Word.BITS]! & KEY_BITS;
    return this.hash(words[w + Word.CLIENT]!, words[w + Word.SERVER]!, ports >>> 16, ports & 0xffff, key);
  }

  /** IANA protocol number of a flow. */
  protocol(flow: number): number {
    return protocolOf(this.words[flow * RECORD_WORDS + Word.BITS]!);
  }

  /** Looks up the ids of a flow's addresses once for its life; its key is filled. */
  identify(flow: number, addresses: AddressTable): void {
    const w = flow * RECORD_WORDS;
    const client = this.words[w + Word.CLIENT]!;
    const server = this.words[w + Word.SERVER]!;
    const isV6 = (this.words[w + Word.BITS]! & FlowBit.V6) !== 0;
    this.#addressIds[2 * flow] = isV6 ? client : addresses.ipv4(client);
    this.#addressIds[2 * flow + 1] = isV6 ? server : addresses.ipv4(server);
  }

  /** The id of a flow's client in the address table. */
  clientId(flow: number): number {
    return this.#addressIds[2 * flow]!;
  }

  serverId(flow: number): number {
    return this.#addressIds[2 * flow + 1]!;
  }

  #grow(): void {
    this.#capacity *= 2;
    const buffer = new ArrayBuffer(4 * RECORD_WORDS * this.#capacity);
    const words = new Int32Array(buffer);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(buffer);
    const addressIds = new Int32Array(2 * this.#capacity);
    addressIds.set(this.#addressIds);
    this.#addressIds = addressIds;
    this.#free = new Int32Array(this.#capacity);
    const old = this.#index;
    this.#index = new Int32Array(4 * this.#capacity);
    this.#mask = 2 * this.#capacity - 1;
    for (let i = 0; i < old.length; i += 2) if (old[i + 1] !== 0) this.#insert(old[i]!, old[i + 1]! - 1);
  }

  checkpoint() {
    return {
      words: this.words.slice(0, this.#next * RECORD_WORDS),
      addressIds: this.#addressIds.slice(0, 2 * this.#next),
      free: this.#free.slice(0, this.#freeCount),
    };
  }

  restore({ words, addressIds, free }: ReturnType<FlowTable['checkpoint']>): void {
    this.#next = words.length / RECORD_WORDS;
    while (this.#capacity < this.#next) this.#grow();
    this.words.set(words);
    this.#addressIds.set(addressIds);
    this.#free.set(free);
    this.#freeCount = free.length;
    this.size = this.#next - free.length;
    const isFree = new Uint8Array(this.#next);
    for (const flow of free) isFree[flow] = 1;
    // The hash is seeded anew in each process.
    for (let flow = 0; flow < this.#next; flow++) if (isFree[flow] === 0) this.#insert(this.#hashOf(flow), flow);
  }

  /** Visits every live flow; none may be added or removed meanwhile. */
  forEach(visit: (flow: number) => void): void {
    for (let i = 1; i < this.#index.length; i += 2) if (this.#index[i] !== 0) visit(this.#index[i]! - 1);
  }
}
