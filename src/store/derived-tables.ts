/** The tables of a store that jobs fill, and `runs`, which tells of that: found by their logs, with the columns that these name. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealedBatch } from '../tickets/batch.ts';
import type { Table } from '../tickets/column.ts';
import { runs, tables } from '../tickets/index.ts';
import { DeltaLog, type Outcome } from './delta/delta-log.ts';
import { removeSegments, removeUnnamed } from './delta/remove-segments.ts';
import type { WrittenSegment } from './delta/segment.ts';
import { openSegments } from './delta/segment-sink.ts';
import type { Transaction } from './delta/transaction.ts';
import { sync } from './delta/write-once.ts';
import type { SnapshotTable } from './snapshot.ts';
import type { Workbench } from './workbench.ts';

/** Rows of relations of an engine. */
interface BenchRows {
  readonly bench: Workbench;
  /** What stands behind `SELECT ... FROM`; it has all columns of the table. */
  readonly from: string;
}

/** Rows that take the place of segments. */
export interface Replacement {
  /** Tells whether the table has it already. */
  readonly transaction: Transaction;
  /** How many commits its application has made, if that matters. */
  readonly follows?: number;
  /** Number of the snapshot that the rows were made of. */
  readonly snapshot: number;
  readonly rows: AsyncIterable<SealedBatch> | BenchRows;
  /** Files that leave the table. */
  readonly removed: readonly string[];
}

const isName = (name: string): boolean => /^[a-z][a-z0-9_]{0,62}$/.test(name);
const isTicketTable = (name: string): boolean => tables.some((table) => table.name === name);

const copyRows = async (
  table: Table,
  log: DeltaLog,
  { bench, from }: BenchRows,
): Promise<readonly WrittenSegment[]> => {
  const segment = await bench.writeSegment({ table, folder: log.folder }, from);
  if (segment.rows > 0) return [segment];
  await removeSegments(log, [segment]);
  return [];
};

/** The table as its log stands. */
const stateOf = ({ table, folder, version, segments, transactions }: DeltaLog): SnapshotTable => ({
  table,
  folder,
  version,
  segments: [...segments.values()],
  reached: new Map([...transactions].map(([appId, { version }]) => [appId, version])),
});

export class DerivedTables {
  readonly #database: string;
  readonly #logs = new Map<string, DeltaLog>();
  /** Those that this process adds to, with the columns that it gives them. */
  readonly #writers = new Map<string, DeltaLog>();

  /** @param database the folder that holds the tables */
  constructor(database: string) {
    this.#database = database;
    this.#logs.set(runs.name, new DeltaLog(database, runs));
  }

  /** Those that were found by the last `refresh`; `runs` comes first. */
  get logs(): readonly DeltaLog[] {
    return [...this.#logs.values()];
  }

  /**
   * Looks for new tables, and reads the logs of all. Each table is given as it was just read, `runs` first of all and
   * before new ones are looked for, so that what it tells of is in the others, whoever else reads or writes meanwhile.
   * Tables with columns that Sonde does not know are left out.
   */
  async refresh(): Promise<readonly SnapshotTable[]> {
    const [runsLog] = this.logs;
    await runsLog!.refresh();
    const read = [stateOf(runsLog!)];
    for (const name of await readdir(this.#database).catch(() => []))
      if (isName(name) && name !== runs.name && !isTicketTable(name)) await this.#find(name);
    for (const log of this.logs.slice(1)) {
      await log.refresh();
      read.push(stateOf(log));
    }
    return read;
  }

  /**
   * Puts rows in place of segments, in one commit. False if the table has the transaction already, or not all of the
   * segments any more, or the application has made other commits: then nothing changed.
   *
   * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_CORRUPT
   */
  async replace(table: Table, { transaction, follows, snapshot, rows, removed }: Replacement): Promise<boolean> {
    const log = this.#writerOf(table);
    const segments = await ('bench' in rows ? copyRows(table, log, rows) : this.#write(log, rows));
    let outcome: Outcome | undefined;
    try {
      outcome = await log.append({ transaction, follows, segments, removed, importsVersion: snapshot });
      return outcome === 'added';
    } finally {
      if (outcome !== 'added') await removeUnnamed([log], segments);
    }
  }

  async #write(log: DeltaLog, batches: AsyncIterable<SealedBatch>): Promise<readonly WrittenSegment[]> {
    const sink = openSegments(this.#database, [log.table]);
    try {
      for await (const batch of batches) await sink.write(batch);
      const segments = await sink.finish();
      if (segments.length > 0) await sync(log.folder);
      return segments;
    } catch (error) {
      await removeSegments(log, await sink.abandon());
      throw error;
    }
  }

  /** Takes a table in that the log describes, and again when it got columns. */
  async #find(name: string): Promise<void> {
    const known = this.#logs.get(name);
    const log = known ?? new DeltaLog(this.#database, { name, doc: '', columns: {} });
    const folder = known ?? (await stat(join(log.folder, '_delta_log')).catch(() => undefined));
    if (folder === undefined) return;
    await log.refresh();
    const { stored } = log;
    if (stored === undefined || Object.keys(stored.columns).length === Object.keys(log.table.columns).length) return;
    this.#logs.set(name, new DeltaLog(this.#database, stored));
  }

  #writerOf(table: Table): DeltaLog {
    const known = this.#writers.get(table.name);
    if (known !== undefined && Object.keys(table.columns).every((name) => name in known.table.columns)) return known;
    const log = new DeltaLog(this.#database, table);
    this.#writers.set(table.name, log);
    return log;
  }
}
