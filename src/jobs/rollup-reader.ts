/** Answers queries from rollups as far as these are up to date, and from tickets for the rest, at one moment. */
import { emptySelect, type Parameters, type Segment, type Snapshot, type Workbench } from '../store/index.ts';
import type { Table } from '../tickets/column.ts';
import { tables } from '../tickets/index.ts';
import { coverRange, type Level, type Part } from './cover-range.ts';
import { callsOf, happenedAt, type RangeCall, replaceCalls, rollupOver } from './expand-rollups.ts';
import { windowOf } from './job.ts';
import { readColumns, storedColumns } from './job-sql.ts';
import { Ledger } from './ledger.ts';
import type { Family, RollupJob } from './rollup-families.ts';
import { allTime, type TimeRange, type TimeSet, unite, widen } from './time-set.ts';

/** The rollups of a snapshot: for each family its levels, the narrowest bins first, as far as there are tables. */
type Levels = ReadonlyMap<Family, readonly Level[]>;

const levelsOf = (family: Family, snapshot: Snapshot, ledger: Ledger): readonly Level[] => {
  const levels: Level[] = [];
  let lacks: TimeSet = [];
  for (const job of family) {
    if (snapshot.tableOf(job.name) === undefined) break;
    const behind = [...ledger.behind(job)].map(({ start }) => ({ from: start, until: start + job.stepUs }));
    const start = job.startUs === undefined ? Number.NEGATIVE_INFINITY : windowOf(job, job.startUs);
    // What a narrower level lacks is in none of the rows that were made of it.
    lacks = unite([{ from: Number.NEGATIVE_INFINITY, until: start }, ...behind, ...widen(lacks, job.stepUs)]);
    levels.push({ widthUs: job.rollup.widthUs, lacks });
  }
  return levels;
};

const overlaps = (range: readonly [number, number] | undefined, set: TimeSet): boolean =>
  range === undefined || set.some(({ from, until }) => range[1] >= from && range[0] < until);

const isIn = (column: string, { from, until }: TimeRange): string =>
  [
    ...(Number.isFinite(from) ? [`"${column}" >= make_timestamp(${from})`] : []),
    ...(Number.isFinite(until) ? [`"${column}" < make_timestamp(${until})`] : []),
  ].join(' AND ') || 'true';

/** Rows of a table as a SELECT, out of the segments that may hold some; undefined if none does. */
const selectPart = async (
  snapshot: Snapshot,
  table: Table,
  columns: readonly string[],
  happenedAt: string,
  { happened, reported }: Part,
): Promise<string | undefined> => {
  const mayHold = ({ times = {} }: Segment): boolean =>
    overlaps(times[happenedAt], [happened]) && overlaps(times.reported_at, reported);
  const segments = snapshot.segmentsOf(table.name).filter(mayHold);
  if (segments.length === 0) return undefined;
  const isReported = reported.map((range) => `(${isIn('reported_at', range)})`).join(' OR ');
  const list = columns.map((name) => `"${name}"`).join(', ');
  const rows = await snapshot.selectOf(table, segments);
  return `SELECT ${list} FROM (${rows}) WHERE ${isIn(happenedAt, happened)} AND (${isReported})`;
};

let made = 0;

/** Answers at the moment of a snapshot. Close it after use: see `Rollups`. */
export class RollupReader {
  readonly #snapshot: Snapshot;
  readonly #bench: Workbench;
  readonly #families: ReadonlyMap<string, Family>;
  readonly #levels: Levels;
  /** Names of relations by what they were made of. */
  readonly #held = new Map<string, Promise<string>>();

  constructor(snapshot: Snapshot, bench: Workbench, families: ReadonlyMap<string, Family>, levels: Levels) {
    this.#snapshot = snapshot;
    this.#bench = bench;
    this.#families = families;
    this.#levels = levels;
  }

  /**
   * Runs a query over tickets, or over rollups named as relations: `FROM volume({from:Int64}, {until:Int64})`.
   *
   * @throws SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT
   */
  async query(sql: string, parameters: Parameters = {}): ReturnType<Snapshot['query']> {
    const calls = callsOf(sql, this.#families);
    if (calls.length === 0) return this.#snapshot.query(sql, parameters);
    const relations: string[] = [];
    for (const call of calls) relations.push(await this.#relation(call, parameters));
    const text = replaceCalls(sql, this.#families, () => relations.shift()!);
    return this.#bench.query(text, parameters);
  }

  async #relation(call: RangeCall, parameters: Parameters): Promise<string> {
    const numberOf = (name: string): number => Number(parameters[name]);
    const range = { from: numberOf(call.from), until: numberOf(call.until) };
    return call.kind === 'tickets'
      ? this.#selectTickets(call.table, range)
      : this.#selectRollup(call.family, range, call.width === undefined ? undefined : numberOf(call.width));
  }

  async #selectTickets(table: Table, range: TimeRange): Promise<string> {
    const part = { level: 0, happened: range, reported: allTime };
    const columns = Object.keys(table.columns);
    return (await selectPart(this.#snapshot, table, columns, happenedAt(table), part)) ?? emptySelect(table);
  }

  /** @param width of the bins, if the query looks at them */
  async #selectRollup(family: Family, range: TimeRange, width: number | undefined): Promise<string> {
    const fits = ({ widthUs }: Level): boolean => width === undefined || width % widthUs === 0;
    const parts = coverRange(range, this.#levels.get(family)!.filter(fits));
    const [base] = family;
    const rolled: string[] = [];
    const raw: string[] = [];
    const tickets = tables.find(({ name }) => name === base.inputs[0]!.table)!;
    for (const part of parts) {
      const job = family[part.level - 1];
      const select =
        job === undefined
          ? await selectPart(this.#snapshot, tickets, readColumns(base, tickets), base.rollup.of, part)
          : await this.#selectRolled(job, part);
      if (select !== undefined) (job === undefined ? raw : rolled).push(select);
    }
    if (raw.length > 0 || rolled.length === 0) {
      const rows = raw.length === 0 ? emptySelect(tickets) : raw.join(' UNION ALL ');
      const select = `SELECT ${storedColumns(base)} FROM (\n${rollupOver(base, rows, width)}\n) AS answer`;
      rolled.push(`FROM ${await this.#hold(select)}`);
    }
    return rolled.join('\nUNION ALL\n');
  }

  /** What comes of tickets is small beside them, and the next query mostly asks for it again. */
  #hold(select: string): Promise<string> {
    const make = async (): Promise<string> => {
      const name = `"rollup ${made++}"`;
      await this.#bench.run(`CREATE TABLE ${name} AS ${select}`);
      return name;
    };
    const held = this.#held.get(select) ?? make();
    this.#held.set(select, held);
    return held;
  }

  /** Gives back what the engine holds for it. */
  async close(): Promise<void> {
    for (const name of this.#held.values()) await this.#bench.run(`DROP TABLE ${await name}`);
    this.#held.clear();
  }

  #selectRolled(job: RollupJob, part: Part): Promise<string | undefined> {
    const table = this.#snapshot.tableOf(job.name)!;
    return selectPart(this.#snapshot, table, Object.keys(job.columns), job.rollup.bin, part);
  }
}

/** What of a store's rollups stays from snapshot to snapshot: what is known of runs and of the rows behind them. */
export class Rollups {
  readonly #families: ReadonlyMap<string, Family>;
  readonly #bench: Workbench;
  readonly #ledger: Ledger;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param families as `rollupFamilies` gives them */
  constructor(families: ReadonlyMap<string, Family>, bench: Workbench) {
    this.#families = families;
    this.#bench = bench;
    this.#ledger = new Ledger([...families.values()].flat());
  }

  /** Looks which windows are up to date in a snapshot. One look follows the other. */
  at(snapshot: Snapshot): Promise<RollupReader> {
    const look = this.#turn.then(() => this.#look(snapshot));
    this.#turn = look.catch(() => undefined);
    return look;
  }

  async #look(snapshot: Snapshot): Promise<RollupReader> {
    const families = [...this.#families.values()];
    const isFilled = families.some(([base]) => snapshot.tableOf(base.name) !== undefined);
    if (isFilled) await this.#ledger.refresh(snapshot, this.#bench, Number.NEGATIVE_INFINITY);
    const levels = new Map(families.map((family) => [family, levelsOf(family, snapshot, this.#ledger)]));
    return new RollupReader(snapshot, this.#bench, this.#families, levels);
  }
}
