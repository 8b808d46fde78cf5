/** Slices of the store's tables as relations of the engine, held while windows ask them again and again. */
import { emptySelect, type Segment, type Snapshot, type Workbench } from '../store/index.ts';
import type { Table } from '../tickets/column.ts';

/** What has more rows is read from its segments each time. */
const HELD_ROWS = 2_000_000;
const HELD_SLICES = 4;

/** A part of a table. */
export interface Slice {
  readonly table: Table;
  readonly columns: readonly string[];
  /** [from, until) of `reported_at`. */
  readonly from: number;
  readonly until: number;
}

/** May the segment have rows that were reported in [from, until)? */
export const mayHold = ({ times }: Segment, from: number, until: number): boolean => {
  const range = times?.reported_at;
  return range === undefined || (range[0] < until && range[1] >= from);
};

export class Relations {
  readonly #bench: Workbench;
  readonly #prefix: string;
  /** Names of relations by what they hold; the one used last comes last. */
  readonly #held = new Map<string, string>();
  #made = 0;

  /** @param prefix of the names, which nobody else uses */
  constructor(bench: Workbench, prefix: string) {
    this.#bench = bench;
    this.#prefix = prefix;
  }

  /** What to write after FROM for a slice, as of the snapshot. It may give rows of other times too. */
  async of(snapshot: Snapshot, { table, columns, from, until }: Slice): Promise<string> {
    const segments = snapshot.segmentsOf(table.name).filter((segment) => mayHold(segment, from, until));
    const list = columns.map((name) => `"${name}"`).join(', ');
    if (segments.length === 0) return `(SELECT ${list} FROM (${emptySelect(table)}))`;
    const key = JSON.stringify([table.name, columns, from, until, segments.map(({ file }) => file)]);
    const known = this.#held.get(key);
    this.#held.delete(key);
    const select = `SELECT ${list} FROM (${await snapshot.selectOf(table, segments)}) WHERE reported_at >= make_timestamp(${from}) AND reported_at < make_timestamp(${until})`;
    if (known === undefined && segments.reduce((sum, { rows }) => sum + (rows ?? HELD_ROWS), 0) > HELD_ROWS)
      return `(${select})`;
    const name = known ?? `"${this.#prefix} ${this.#made++}"`;
    if (known === undefined) await this.#bench.run(`CREATE TABLE ${name} AS ${select} ORDER BY reported_at`);
    this.#held.set(key, name);
    return name;
  }

  /** Drops those that were not used for longest. To be called when none of them is in use. */
  async trim(keep = HELD_SLICES): Promise<void> {
    for (const [key, name] of [...this.#held].slice(0, Math.max(0, this.#held.size - keep))) {
      this.#held.delete(key);
      await this.#bench.run(`DROP TABLE ${name}`);
    }
  }
}
