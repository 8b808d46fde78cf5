/** Per-minute counters by service and class, each minute closed 60 s after its end with the labels known by then. */
import { MINUTE } from '../kit/time.ts';
import type { Batch } from '../tickets/batch.ts';
import type { counters } from '../tickets/index.ts';
import type { FlowLabels } from './flow-labels.ts';
import { addToHll, HLL_REGISTERS, packHll } from './hyper-log-log.ts';

/** The counts that are summed, by place in a row of sums; the names are those of the columns. */
export const countedColumns = [
  'flows_opened',
  'syns',
  'synacks',
  'rsts',
  'fins',
  'up_packets',
  'down_packets',
  'up_bytes',
  'down_bytes',
  'server_rtt_us_sum',
  'server_rtt_us_n',
  'dns_ok',
  'dns_nxdomain',
  'dns_servfail',
  'dns_timeout',
] as const;

export type CountedColumn = (typeof countedColumns)[number];

/** A flow's share of a minute: the sums up to `server_rtt_us_n`, then its label's cell and the hash of its client. */
const FLOW_SUMS = 11;
const ENTRY = FLOW_SUMS + 2;

interface Minute {
  entries: Float64Array;
  length: number;
  /** DNS counts by service and class, whose label is known at once. */
  readonly dns: Map<string, Float64Array>;
}

interface Sums {
  readonly sums: Float64Array;
  readonly registers: Uint8Array;
}

const labelOf = (rule: { service: string; class: string } | undefined): string =>
  rule === undefined ? '\t' : `${rule.service}\t${rule.class}`;

export class MinuteCounters {
  readonly #labels: FlowLabels;
  readonly #minutes = new Map<number, Minute>();

  constructor(labels: FlowLabels) {
    this.#labels = labels;
  }

  #minute(minuteAt: number): Minute {
    let minute = this.#minutes.get(minuteAt);
    if (minute === undefined) {
      minute = { entries: new Float64Array(64 * ENTRY), length: 0, dns: new Map() };
      this.#minutes.set(minuteAt, minute);
    }
    return minute;
  }

  /** Counts a flow in a minute. `sums`: its share, in the order of `countedColumns`; `clientHash`: 32 bits. */
  addFlow(minuteAt: number, flow: number, clientHash: number, sums: readonly number[]): void {
    const minute = this.#minute(minuteAt);
    if (minute.length === minute.entries.length) {
      const grown = new Float64Array(2 * minute.length);
      grown.set(minute.entries);
      minute.entries = grown;
    }
    for (let i = 0; i < FLOW_SUMS; i++) minute.entries[minute.length + i] = sums[i]!;
    minute.entries[minute.length + FLOW_SUMS] = this.#labels.hold(flow);
    minute.entries[minute.length + FLOW_SUMS + 1] = clientHash;
    minute.length += ENTRY;
  }

  /** Counts a DNS transaction of a name that `rule` owns. */
  addDns(minuteAt: number, rule: { service: string; class: string } | undefined, column: CountedColumn): void {
    const { dns } = this.#minute(minuteAt);
    const label = labelOf(rule);
    let sums = dns.get(label);
    if (sums === undefined) {
      sums = new Float64Array(countedColumns.length);
      dns.set(label, sums);
    }
    sums[countedColumns.indexOf(column)]!++;
  }

  /** Minutes to be closed at packet time `at`, oldest first; `Infinity` gives all. */
  due(at: number): number[] {
    return [...this.#minutes.keys()].filter((minuteAt) => minuteAt + 2 * MINUTE <= at).sort((a, b) => a - b);
  }

  /** Writes the rows of a minute by `begin` and `end`, services in order, and forgets it. */
  close(minuteAt: number, begin: () => { batch: Batch<typeof counters.columns>; row: number }, end: () => void): void {
    const minute = this.#minute(minuteAt);
    this.#minutes.delete(minuteAt);
    const byLabel = this.#sum(minute);
    for (const label of [...byLabel.keys()].sort()) {
      const { sums, registers } = byLabel.get(label)!;
      const [service, ofClass] = label.split('\t') as [string, string];
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

  #sum(minute: Minute): Map<string, Sums> {
    const byLabel = new Map<string, Sums>();
    const sumsOf = (label: string): Sums => {
      let sums = byLabel.get(label);
      if (sums === undefined) {
        sums = { sums: new Float64Array(countedColumns.length), registers: new Uint8Array(HLL_REGISTERS) };
        byLabel.set(label, sums);
      }
      return sums;
    };
    for (let at = 0; at < minute.length; at += ENTRY) {
      const cell = minute.entries[at + FLOW_SUMS]!;
      const { sums, registers } = sumsOf(labelOf(this.#labels.ruleOf(cell)));
      this.#labels.release(cell);
      for (let i = 0; i < FLOW_SUMS; i++) sums[i]! += minute.entries[at + i]!;
      addToHll(registers, minute.entries[at + FLOW_SUMS + 1]!);
    }
    for (const [label, counts] of minute.dns) {
      const { sums } = sumsOf(label);
      for (let i = FLOW_SUMS; i < counts.length; i++) sums[i]! += counts[i]!;
    }
    return byLabel;
  }
}
