/** The expiry wheel: flows by the second in which they may end, on packet time, without a touch per packet. */
import { SECOND } from '../kit/time.ts';
import { RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';

/** Seconds that the wheel reaches ahead; what is due later is put at its end and looked at again. */
const SLOTS = 4096;

/**
 * A ring of one-second slots, each a list of flows through their records. A packet does not move its flow: when a slot
 * comes up, flows that were heard since are put where they are due now.
 */
export class ExpiryWheel {
  readonly #flows: FlowTable;
  readonly #heads = new Int32Array(SLOTS).fill(-1);
  /** The second up to which slots were served. */
  #served = Number.NaN;

  constructor(flows: FlowTable) {
    this.#flows = flows;
  }

  /** Packet time from which `advance` has something to do. */
  get nextAt(): number {
    return (this.#served + 1) * SECOND;
  }

  /** Puts a flow that is on no list where it is due. `dueAt`: microseconds. */
  schedule(flow: number, dueAt: number): void {
    const second = Math.min(Math.max(Math.ceil(dueAt / SECOND), this.#served + 1), this.#served + SLOTS - 1);
    const slot = second % SLOTS;
    const words = this.#flows.words;
    const w = flow * RECORD_WORDS;
    const head = this.#heads[slot]!;
    words[w + Word.WHEEL_NEXT] = head;
    words[w + Word.WHEEL_PREVIOUS] = -1 - slot;
    if (head >= 0) words[head * RECORD_WORDS + Word.WHEEL_PREVIOUS] = flow;
    this.#heads[slot] = flow;
  }

  /** Takes the flow off its list. */
  unschedule(flow: number): void {
    const words = this.#flows.words;
    const w = flow * RECORD_WORDS;
    const next = words[w + Word.WHEEL_NEXT]!;
    const previous = words[w + Word.WHEEL_PREVIOUS]!;
    if (previous >= 0) words[previous * RECORD_WORDS + Word.WHEEL_NEXT] = next;
    else this.#heads[-1 - previous] = next;
    if (next >= 0) words[next * RECORD_WORDS + Word.WHEEL_PREVIOUS] = previous;
  }

  /**
   * Serves every slot up to packet time `at`: flows in them are taken off and handed to `due`, which ends them or
   * schedules them again. A jump over more than the wheel serves each slot once.
   */
  advance(at: number, due: (flow: number) => void): void {
    const now = Math.floor(at / SECOND);
    if (Number.isNaN(this.#served)) {
      this.#served = now;
      return;
    }
    const first = Math.max(this.#served + 1, now - SLOTS + 1);
    // Set before the slots are served, so that what is scheduled meanwhile lands ahead of them.
    this.#served = now;
    for (let second = first; second <= now; second++) {
      let flow = this.#heads[second % SLOTS]!;
      this.#heads[second % SLOTS] = -1;
      while (flow >= 0) {
        const next = this.#flows.words[flow * RECORD_WORDS + Word.WHEEL_NEXT]!;
        due(flow);
        flow = next;
      }
    }
  }

  /** The lists themselves are in the flows' records. */
  checkpoint() {
    return { heads: this.#heads.slice(), served: this.#served };
  }

  restore({ heads, served }: ReturnType<ExpiryWheel['checkpoint']>): void {
    this.#heads.set(heads);
    this.#served = served;
  }

  /**
   * A flow among those due soonest, -1 if there are none. Flows that were heard since they were put where they stand
   * are moved on meanwhile: a packet pays for one move at most.
   */
  soonest(dueAt: (flow: number) => number): number {
    const last = this.#served + SLOTS - 1;
    for (let second = this.#served + 1; second <= last; second++) {
      for (let flow = this.#heads[second % SLOTS]!; flow >= 0; flow = this.#heads[second % SLOTS]!) {
        const due = dueAt(flow);
        if (second === last || due <= second * SECOND) return flow;
        this.unschedule(flow);
        this.schedule(flow, due);
      }
    }
    return -1;
  }
}
