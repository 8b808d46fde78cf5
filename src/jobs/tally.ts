/** How many rows a table has when: what tells which windows have data, and which have got more since they were run. */
import { HOUR } from '../kit/time.ts';
import type { Segment, Snapshot, Workbench } from '../store/index.ts';

const add = (counts: Map<number, number>, bin: number, rows: number): void => {
  counts.set(bin, (counts.get(bin) ?? 0) + rows);
};

/**
 * Rows by bins of `reported_at`, kept up to date with what becomes visible.
 *
 * Only segments that are new are looked at, and only those that the log does not place in one bin are read. When some
 * are gone (merged, or retired by age), everything is counted anew.
 */
export class Tally {
  readonly table: string;
  readonly #binUs: number;
  readonly #seen = new Set<string>();
  #counts = new Map<number, number>();
  /** Starts of the bins with rows, ascending, and the rows up to and with each. */
  #bins = new Float64Array(0);
  #sums = new Float64Array(0);

  /** @param binUs width of a bin; slices that are asked about are made of whole bins */
  constructor(table: string, binUs: number) {
    this.table = table;
    this.#binUs = binUs;
  }

  /** Takes in what the snapshot has. The answer is the start of the first bin that has more rows; Infinity if none has. */
  async update(snapshot: Snapshot, bench: Workbench): Promise<number> {
    const segments = snapshot.segmentsOf(this.table);
    const visible = new Set(segments.map(({ file }) => file));
    const isShorter = [...this.#seen].some((file) => !visible.has(file));
    const before = isShorter ? this.#counts : new Map<number, number>();
    if (isShorter) {
      this.#seen.clear();
      this.#counts = new Map();
    }
    const fresh = segments.filter(({ file }) => !this.#seen.has(file));
    if (fresh.length === 0 && !isShorter) return Number.POSITIVE_INFINITY;
    const added = new Map<number, number>();
    const unplaced = fresh.filter((segment) => !this.#place(segment, added));
    if (unplaced.length > 0) await this.#read(snapshot, unplaced, bench, added);
    for (const { file } of fresh) this.#seen.add(file);
    for (const [bin, rows] of added) add(this.#counts, bin, rows);
    this.#sum();
    let first = Number.POSITIVE_INFINITY;
    for (const bin of added.keys()) if (this.#counts.get(bin)! > (before.get(bin) ?? 0)) first = Math.min(first, bin);
    return first;
  }

  /** Rows in [from, until). */
  rows(from: number, until: number): number {
    return this.#upTo(until) - this.#upTo(from);
  }

  /** Start of the first bin with rows from `from` on; Infinity if there is none. */
  next(from: number): number {
    return this.#bins[this.#indexOf(from)] ?? Number.POSITIVE_INFINITY;
  }

  /** Counts a segment by what the log says of it, if that is enough. */
  #place({ rows, times, hours }: Segment, added: Map<number, number>): boolean {
    if (hours !== undefined && this.#binUs % HOUR === 0) {
      for (const [hour, rows] of hours) if (hour >= 0) add(added, Math.floor(hour / this.#binUs) * this.#binUs, rows);
      return true;
    }
    const range = times?.reported_at;
    if (rows === undefined || range === undefined) return false;
    const [first, last] = range.map((at) => Math.floor(at / this.#binUs));
    if (first !== last || first! < 0) return false;
    add(added, first! * this.#binUs, rows);
    return true;
  }

  async #read(
    snapshot: Snapshot,
    segments: readonly Segment[],
    bench: Workbench,
    added: Map<number, number>,
  ): Promise<void> {
    const select = await snapshot.selectOf(snapshot.tableOf(this.table)!, segments);
    const result = await bench.query(
      `SELECT intDiv(toUnixTimestamp64Micro(reported_at), {bin:Int64}) * {bin:Int64} AS bin, count(*) AS n
       FROM (${select}) WHERE reported_at >= fromUnixTimestamp64Micro(0) GROUP BY bin`,
      { bin: this.#binUs },
    );
    for (const { bin, n } of await result.rows()) add(added, Number(bin), Number(n));
  }

  #sum(): void {
    this.#bins = Float64Array.from(this.#counts.keys()).sort();
    this.#sums = new Float64Array(this.#bins.length);
    let sum = 0;
    this.#bins.forEach((bin, i) => {
      sum += this.#counts.get(bin)!;
      this.#sums[i] = sum;
    });
  }

  #upTo(at: number): number {
    return this.#sums[this.#indexOf(at) - 1] ?? 0;
  }

  /** Index of the first bin that begins at `at` or later. */
  #indexOf(at: number): number {
    let [low, high] = [0, this.#bins.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#bins[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
