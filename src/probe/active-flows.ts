/** The flows that had packets in the minute that runs, each told once when it ends. */
import { FlowBit, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';

/**
 * A list of flow records. A flow that ended stays on it with `FlowBit.ACTIVE` cleared, and one that took its record may
 * stand on it twice: the bit tells which mention counts.
 */
export class ActiveFlows {
  readonly #flows: FlowTable;
  #list = new Int32Array(4096);
  #length = 0;

  constructor(flows: FlowTable) {
    this.#flows = flows;
  }

  /** Adds a flow whose bit is not set, and sets it. */
  add(flow: number): void {
    if (this.#length === this.#list.length) this.#makeRoom();
    this.#flows.words[flow * RECORD_WORDS + Word.BITS]! |= FlowBit.ACTIVE;
    this.#list[this.#length++] = flow;
  }

  /** Keeps one mention of each flow that lives, so that a minute in which many end, or that never ends, needs no more room. */
  #makeRoom(): void {
    const { words } = this.#flows;
    const list = this.#list;
    let kept = 0;
    for (let i = 0; i < this.#length; i++) {
      const bitsAt = list[i]! * RECORD_WORDS + Word.BITS;
      if ((words[bitsAt]! & FlowBit.ACTIVE) === 0) continue;
      words[bitsAt]! &= ~FlowBit.ACTIVE;
      list[kept++] = list[i]!;
    }
    this.#length = kept;
    for (let i = 0; i < kept; i++) words[list[i]! * RECORD_WORDS + Word.BITS]! |= FlowBit.ACTIVE;
    if (2 * kept > list.length) {
      this.#list = new Int32Array(2 * list.length);
      this.#list.set(list);
    }
  }

  checkpoint(): Int32Array {
    return this.#list.slice(0, this.#length);
  }

  restore(list: Int32Array): void {
    this.#list = new Int32Array(Math.max(this.#list.length, 2 * list.length));
    this.#list.set(list);
    this.#length = list.length;
  }

  /** Visits each flow that lives once, clears its bit, and empties the list. */
  drain(visit: (flow: number) => void): void {
    const { words } = this.#flows;
    for (let i = 0; i < this.#length; i++) {
      const flow = this.#list[i]!;
      const bitsAt = flow * RECORD_WORDS + Word.BITS;
      if ((words[bitsAt]! & FlowBit.ACTIVE) === 0) continue;
      visit(flow);
      words[bitsAt]! &= ~FlowBit.ACTIVE;
    }
    this.#length = 0;
  }
}
