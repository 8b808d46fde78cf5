/** What flows keep of the mobile side, frozen at their first packet: a pool, for most flows of other networks have none. */
import { WordPool } from '../kit/word-pool.ts';
import type { SessionState } from './session-state.ts';

const WORDS = 4;
const UP_TEID = 0;
const DOWN_TEID = 1;
/** Id of a node. */
const PEER = 2;
const BITS = 3;

export const MobileBit = {
  UP_SEEN: 1,
  DOWN_SEEN: 2,
  /** The flow's packets came in a GTP tunnel. */
  IN_TUNNEL: 4,
  /** The session is that of the client, not of the server. */
  IS_CLIENT: 8,
} as const;

/** Records are numbers from 1, reused after `remove`. */
export class MobileFlows {
  readonly #records = new WordPool(WORDS);
  #states: (SessionState | undefined)[] = [undefined];

  /** A record of a flow, whose session may not be known. */
  add(state: SessionState | undefined, bits: number): number {
    const record = this.#records.take();
    this.#states[record] = state;
    this.#records.words[WORDS * record + BITS] = bits;
    return record;
  }

  remove(record: number): void {
    this.#states[record] = undefined;
    this.#records.give(record);
  }

  /** The first packet of a direction; true if both have been seen by now. */
  see(record: number, up: boolean, teid: number): boolean {
    const { words } = this.#records;
    const w = WORDS * record;
    words[w + (up ? UP_TEID : DOWN_TEID)] = teid;
    words[w + BITS]! |= up ? MobileBit.UP_SEEN : MobileBit.DOWN_SEEN;
    const both = MobileBit.UP_SEEN | MobileBit.DOWN_SEEN;
    return (words[w + BITS]! & both) === both;
  }

  /** @param peer id of the GTP node on the side of the client */
  setPeer(record: number, peer: number): void {
    this.#records.words[WORDS * record + PEER] = peer;
  }

  /** The session at the first packet, of whichever end; undefined for record 0 too. */
  state(record: number): SessionState | undefined {
    return this.#states[record];
  }

  /** The session at the first packet if it is the client's. */
  clientState(record: number): SessionState | undefined {
    return this.has(record, MobileBit.IS_CLIENT) ? this.#states[record] : undefined;
  }

  /** What the client is known by; '' if by the address alone. */
  identity(record: number): string {
    return this.clientState(record)?.identity ?? '';
  }

  has(record: number, bit: number): boolean {
    return (this.#records.words[WORDS * record + BITS]! & bit) !== 0;
  }

  /** Without sign; NaN for a direction that was not seen. */
  teid(record: number, up: boolean): number {
    if (!this.has(record, up ? MobileBit.UP_SEEN : MobileBit.DOWN_SEEN)) return Number.NaN;
    return this.#records.words[WORDS * record + (up ? UP_TEID : DOWN_TEID)]! >>> 0;
  }

  peer(record: number): number {
    return this.#records.words[WORDS * record + PEER]!;
  }

  checkpoint() {
    return { records: this.#records.checkpoint(), states: this.#states };
  }

  restore({ records, states }: ReturnType<MobileFlows['checkpoint']>): void {
    this.#records.restore(records);
    this.#states = states;
  }

  /** Marks the ids of nodes in use. */
  markNodes(marks: Uint8Array): void {
    for (let record = 1; record < this.#states.length; record++) {
      if (this.has(record, MobileBit.IN_TUNNEL)) marks[this.peer(record)] = 1;
    }
  }
}
