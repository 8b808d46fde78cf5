/** Cells by which minutes count flows whose rule may still change: a cell outlives its flow. */
import { grown } from './grown.ts';

/** Of a flow without a cell, and of a cell whose flow is over. */
const NONE = -1;
/** Cells for which there is room at first. */
const INITIAL_CELLS = 64;

/** Rules are numbers here. Most flows never need a cell. */
export class LabelCells {
  #cells = new Int32Array(0);
  /** By cell: its flow or `NONE`, the flow's last rule from then on, and how many hold the cell. */
  #flows = new Int32Array(INITIAL_CELLS);
  #rules = new Int32Array(INITIAL_CELLS);
  #holders = new Int32Array(INITIAL_CELLS);
  #count = 0;
  readonly #free: number[] = [];

  /** A flow, one of `capacity` that there may be, begins without a cell. */
  opened(flow: number, capacity: number): void {
    if (capacity > this.#cells.length) this.#cells = grown(this.#cells, capacity);
    this.#cells[flow] = NONE;
  }

  /** The flow's cell, held until `release`. */
  hold(flow: number): number {
    let cell = this.#cells[flow]!;
    if (cell === NONE) {
      cell = this.#free.pop() ?? this.#count++;
      if (cell === this.#flows.length) this.#grow();
      this.#cells[flow] = cell;
      this.#flows[cell] = flow;
    }
    this.#holders[cell]!++;
    return cell;
  }

  release(cell: number): void {
    if (--this.#holders[cell]! > 0) return;
    const flow = this.#flows[cell]!;
    if (flow !== NONE) this.#cells[flow] = NONE;
    this.#free.push(cell);
  }

  /** The flow of a cell, undefined if it is over. */
  flowOf(cell: number): number | undefined {
    const flow = this.#flows[cell]!;
    return flow === NONE ? undefined : flow;
  }

  /** The rule that the flow of a cell had when it was over. */
  lastRuleOf(cell: number): number {
    return this.#rules[cell]!;
  }

  /** The flow is over. */
  closed(flow: number, rule: number): void {
    const cell = this.#cells[flow]!;
    if (cell === NONE) return;
    this.#flows[cell] = NONE;
    this.#rules[cell] = rule;
  }

  #grow(): void {
    const cells = 2 * this.#flows.length;
    this.#flows = grown(this.#flows, cells);
    this.#rules = grown(this.#rules, cells);
    this.#holders = grown(this.#holders, cells);
  }

  /** `bound`: flows are below it. */
  checkpoint(bound: number) {
    return {
      cells: this.#cells.slice(0, bound),
      flows: this.#flows.slice(0, this.#count),
      rules: this.#rules.slice(0, this.#count),
      holders: this.#holders.slice(0, this.#count),
      free: this.#free,
    };
  }

  restore(state: ReturnType<LabelCells['checkpoint']>, capacity: number): void {
    this.#cells = grown(state.cells, capacity);
    this.#count = state.flows.length;
    while (this.#flows.length < this.#count) this.#grow();
    this.#flows.set(state.flows);
    this.#rules.set(state.rules);
    this.#holders.set(state.holders);
    this.#free.push(...state.free);
  }
}
