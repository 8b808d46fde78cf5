/** Per-minute counters by service and class, each minute closed 60 s after its end with the labels known by then. */
import { MINUTE } from '../kit/time.ts';
import type { Batch } from '../tickets/batch.ts';
import type { counters } from '../tickets/index.ts';
import type { FlowLabels } from './flow-labels.ts';
import { addToHll, HLL_REGISTERS, packHll } from './hyper-log-log.ts';

/** What is counted, by place in a row of sums; the names are those of the columns. The first are a flow's share of a minute. */
export const Counted = {
  flows_opened: 0,
  syns: 1,
  synacks: 2,
  rsts: 3,
  fins: 4,
  up_packets: 5,
  down_packets: 6,
  up_bytes: 7,
  down_bytes: 8,
  server_rtt_us_sum: 9,
  server_rtt_us_n: 10,
  dns_ok: 11,
  dns_nxdomain: 12,
  dns_servfail: 13,
  dns_timeout: 14,
} as const;
const countedColumns = Object.keys(Counted) as (keyof typeof Counted)[];
const FLOW_SUMS = Counted.dns_ok;

/** Room for a flow's share of a minute. */
export const emptyShare = (): Float64Array => new Float64Array(FLOW_SUMS);

/** An entry: a flow's share, then its label's cell and the hash of its client. */
const ENTRY = FLOW_SUMS + 2;

type Label = { readonly service: string; readonly class: string } | undefined;

interface Sums {
  readonly sums: Float64Array;
  readonly registers: Uint8Array;
}

interface Minute {
  readonly minuteAt: number;
  /** Shares of flows whose label may still change. */
  entries: Float64Array;
  length: number;
  /** What is summed already, by the very label. */
  readonly byLabel: Map<Label, Sums>;
}

const sumsIn = <Key>(sums: Map<Key, Sums>, key: Key): Sums => {
  let found = sums.get(key);
  if (found === undefined) {
    found = { sums: new Float64Array(countedColumns.length), registers: new Uint8Array(HLL_REGISTERS) };
    sums.set(key, found);
  }
  return found;
};

/** Adds the sums of another label. */
const addSums = (to: Sums, { sums, registers }: Sums): void => {
  for (let i = 0; i < sums.length; i++) to.sums[i]! += sums[i]!;
  for (let i = 0; i < registers.length; i++) if (registers[i]! > to.registers[i]!) to.registers[i] = registers[i]!;
};

/** Adds up the labels of one service and class, which have a row together, in the sums of the first; the minute is over. */
const byServiceAndClass = ({ byLabel }: Minute): Map<string, Sums> => {
  const rows = new Map<string, Sums>();
  for (const [label, sums] of byLabel) {
    const key = label === undefined ? '\t' : `${label.service}\t${label.class}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, sums);
    else addSums(row, sums);
  }
  return rows;
};

export class MinuteCounters {
  readonly #labels: FlowLabels;
  readonly #minutes = new Map<number, Minute>();
  /** The one that was asked for last: most counts in it. */
  #recent: Minute | undefined;
  /** The latest minute that was closed. */
  #closed = Number.NEGATIVE_INFINITY;

  constructor(labels: FlowLabels) {
    this.#labels = labels;
  }

  /** What comes too late for its minute counts in the first that is open, so that a minute has its rows once. */
  #minute(minuteAt: number): Minute {
    const openAt = Math.max(minuteAt, this.#closed + MINUTE);
    if (this.#recent?.minuteAt === openAt) return this.#recent;
    let minute = this.#minutes.get(openAt);
    if (minute === undefined) {
      minute = { minuteAt: openAt, entries: new Float64Array(64 * ENTRY), length: 0, byLabel: new Map() };
      this.#minutes.set(openAt, minute);
    }
    this.#recent = minute;
    return minute;
  }

  checkpoint() {
    return {
      closed: this.#closed,
      minutes: [...this.#minutes].map(([minuteAt, { entries, length, byLabel }]) => ({
        minuteAt,
        entries: entries.slice(0, length),
        sums: [...byLabel].map(([label, { sums, registers }]) => ({
          label: label === undefined ? undefined : { service: label.service, class: label.class },
          sums: sums.slice(),
          registers: registers.slice(),
        })),
      })),
    };
  }

  restore({ closed, minutes }: ReturnType<MinuteCounters['checkpoint']>): void {
    this.#closed = closed;
    for (const { minuteAt, entries, sums } of minutes) {
      const minute = this.#minute(minuteAt);
      while (minute.entries.length < entries.length) minute.entries = new Float64Array(2 * minute.entries.length);
      minute.entries.set(entries);
      minute.length = entries.length;
      for (const { label, ...sum } of sums) minute.byLabel.set(label, sum);
    }
  }

  /** Counts a flow in a minute. `clientHash`: 32 bits. */
  addFlow(minuteAt: number, flow: number, clientHash: number, share: Float64Array): void {
    const minute = this.#minute(minuteAt);
    const labels = this.#labels;
    if (labels.isFinal(flow)) {
      const { sums, registers } = sumsIn(minute.byLabel, labels.ruleOf(flow));
      for (let i = 0; i < FLOW_SUMS; i++) sums[i]! += share[i]!;
      addToHll(registers, clientHash);
      return;
    }
    if (minute.length === minute.entries.length) this.#makeRoom(minute);
    minute.entries.set(share, minute.length);
    minute.entries[minute.length + FLOW_SUMS] = labels.hold(flow);
    minute.entries[minute.length + FLOW_SUMS + 1] = clientHash;
    minute.length += ENTRY;
  }

  /** Counts a DNS transaction of a name that `label` owns, at a place of `Counted`. */
  addDns(minuteAt: number, label: Label, counted: number): void {
    sumsIn(this.#minute(minuteAt).byLabel, label).sums[counted]!++;
  }

  /** Minutes to be closed at packet time `at`, oldest first; `Infinity` gives all. */
  due(at: number): number[] {
    return [...this.#minutes.keys()].filter((minuteAt) => minuteAt + 2 * MINUTE <= at).sort((a, b) => a - b);
  }

  /** Writes the rows of a minute that is due by `begin` and `end`, services in order, and forgets it. */
  close(minuteAt: number, begin: () => { batch: Batch<typeof counters.columns>; row: number }, end: () => void): void {
    const minute = this.#minutes.get(minuteAt)!;
    this.#minutes.delete(minuteAt);
    this.#closed = minuteAt;
    for (let at = 0; at < minute.length; at += ENTRY) this.#sum(minute, at);
    const rows = byServiceAndClass(minute);
    for (const key of [...rows.keys()].sort()) {
      const { sums, registers } = rows.get(key)!;
      const [service, ofClass] = key.split('\t') as [string, string];
      const { batch, row } = begin();
      const { columns, interner } = batch;
      columns.minute_at[row] = minuteAt;
      columns.service[row] = interner.code(service);
      columns.class[row] = interner.code(ofClass);
      for (const [i, name] of countedColumns.entries()) columns[name][row] = sums[i]!;
      for (const packed of packHll(registers)) columns.users_hll.push(packed);
      end();
    }
  }

  /** Sums an entry under the label of now, and lets go of its cell. */
  #sum(minute: Minute, at: number): void {
    const cell = minute.entries[at + FLOW_SUMS]!;
    const { sums, registers } = sumsIn(minute.byLabel, this.#labels.ruleOfCell(cell));
    this.#labels.release(cell);
    for (let i = 0; i < FLOW_SUMS; i++) sums[i]! += minute.entries[at + i]!;
    addToHll(registers, minute.entries[at + FLOW_SUMS + 1]!);
  }

  /** Sums what is sure by now, so that memory grows with flows that may still be named and not with all. */
  #makeRoom(minute: Minute): void {
    const { entries, length } = minute;
    minute.length = 0;
    for (let at = 0; at < length; at += ENTRY) {
      if (this.#labels.isSettled(entries[at + FLOW_SUMS]!)) this.#sum(minute, at);
      else {
        entries.copyWithin(minute.length, at, at + ENTRY);
        minute.length += ENTRY;
      }
    }
    if (2 * minute.length > entries.length) {
      minute.entries = new Float64Array(2 * entries.length);
      minute.entries.set(entries.subarray(0, minute.length));
    }
  }
}
