/** The store: a folder of open tables that imports add to and snapshots read, side by side and without locks. */
import { resolve } from 'node:path';
import { SondeError } from '../kit/errors.ts';
import type { Table } from '../tickets/column.ts';
import { imports, tables } from '../tickets/index.ts';
import { type Checksum, checksumSql } from './checksum.ts';
import { DeltaLog } from './delta/delta-log.ts';
import { openSegments } from './delta/segment-sink.ts';
import {
  contentOf,
  finishTransaction,
  importOf,
  importTransaction,
  streamOf,
  type Transaction,
  vantageTransaction,
} from './delta/transaction.ts';
import { DerivedTables, type Replacement } from './derived-tables.ts';
import type { EngineOptions } from './engine/engine.ts';
import { type Change, readHistory } from './history.ts';
import { Import } from './import.ts';
import { type TableStatus, takeInventory } from './inventory.ts';
import { oldTables } from './old-tables.ts';
import { Snapshot } from './snapshot.ts';
import { damaged, type Problem } from './store-errors.ts';
import { bindStoreFile, readStoreFile } from './store-file.ts';
import { Stream } from './stream.ts';
import { countUnnamedFiles, type Files } from './unnamed-files.ts';
import { compact, type Merged } from './upkeep/compact.ts';
import { type Limits, type Retired, retain } from './upkeep/retain.ts';
import { type Rewritten, type RowChange, rewriteRows } from './upkeep/rewrite-rows.ts';
import { defaultGrace, type Grace, type Vacuumed, vacuum } from './upkeep/vacuum.ts';
import { type Verdict, verifyStore } from './verify/verify-store.ts';
import { visibleTables } from './visible-tables.ts';

/** What was interrupted left. What runs at this moment looks the same. */
export interface Unfinished {
  /** Ids of imports that some table has and `imports` has not: hidden until the same is imported again. */
  readonly sources: readonly string[];
  /** Files of the tables' folders that no commit names. */
  readonly unreferenced: Files;
  /** Tables in which a rewrite has put rows aside that it did not finish: they show as they were. */
  readonly rewritten: readonly string[];
}

/** How far the stream of a vantage has come that goes on from command to command. */
export interface StreamState {
  /** Turns taken so far. */
  readonly turns: number;
  /** Was the last of them one that left nothing open? So is a stream without a turn. */
  readonly isFinished: boolean;
}

/** Small segments of a table that are merged by themselves. */
const CROWD = 64;

/** It runs beside imports and queries. */
const upkeepEngine: EngineOptions = { memoryMb: 512, threads: 1 };

export class Store {
  /** Absolute path of the folder. */
  readonly path: string;
  readonly #options: EngineOptions;
  readonly #logs: readonly DeltaLog[];
  readonly #importsLog: DeltaLog;
  readonly #derived: DerivedTables;
  #isBound = false;

  /** Use `openStore`. */
  constructor(path: string, options: EngineOptions) {
    this.path = path;
    this.#options = options;
    this.#importsLog = new DeltaLog(path, imports);
    const others = tables.filter((table) => table !== imports);
    this.#logs = [...others.map((table) => new DeltaLog(path, table, {}, this.#importsLog)), this.#importsLog];
    this.#derived = new DerivedTables(path);
  }

  /**
   * Binds the store to the key of its pseudonyms, and makes the folder a store if it is none. To be called before the
   * first import of a process, also where addresses are kept, since `flow_id` is keyed too.
   *
   * @throws SONDE_KEY_MISMATCH if the store belongs to another key
   */
  async bindKey(fingerprint: string): Promise<void> {
    await bindStoreFile(this.path, fingerprint);
    this.#isBound = true;
  }

  /**
   * Is the import complete in the store?
   *
   * @throws SONDE_STORE_CORRUPT if the log of imports cannot be read to its end
   */
  hasImport(id: string): Promise<boolean> {
    return this.#importsLog.has(importTransaction(id));
  }

  /**
   * Does the table of imports have this commit?
   *
   * @throws SONDE_STORE_CORRUPT if its log cannot be read to its end
   */
  has(transaction: Transaction): Promise<boolean> {
    return this.#importsLog.has(transaction);
  }

  /**
   * Starts an import. Several may run at once, here and in other processes.
   *
   * @param id hash of what is read and of the options that shape the rows
   */
  beginImport(id: string): Import {
    this.#requireKey();
    return new Import(id, this.#logs, openSegments(this.path));
  }

  /**
   * Starts a stream, which shows its rows at each of its commits.
   *
   * @param id one that no other stream has
   */
  beginStream(id: string): Stream {
    this.#requireKey();
    return new Stream(id, this.#logs, this.path);
  }

  /**
   * How far the stream of a vantage has come.
   *
   * @throws SONDE_STORE_CORRUPT if the log of imports cannot be read to its end
   */
  async streamOf(vantage: string): Promise<StreamState> {
    const { appId } = vantageTransaction(vantage, 0);
    await this.#importsLog.has({ appId, version: 1 });
    const turns = this.#importsLog.transactions.get(appId)?.version ?? 0;
    return { turns, isFinished: await this.#importsLog.has(finishTransaction(vantage, turns)) };
  }

  /** When each stream committed last, by its id; milliseconds since 1970. */
  async lastCommits(): Promise<ReadonlyMap<string, number>> {
    await this.#importsLog.refresh();
    const streams = [...this.#importsLog.transactions].flatMap(([appId, { at }]) => {
      const id = streamOf(appId);
      return id === undefined ? [] : [[id, at] as const];
    });
    return new Map(streams);
  }

  /** The key that the store is bound to; undefined if it is none yet. */
  async keyFingerprint(): Promise<string | undefined> {
    return (await readStoreFile(this.path))?.key_fingerprint;
  }

  /** Digest of what an import read; '' if that is not known. */
  async contentOf(id: string): Promise<string> {
    await this.#importsLog.refresh();
    return contentOf(this.#importsLog.attemptAt(id) ?? '');
  }

  /** Rows and checksum of each table, of these imports alone. */
  async checksums(ids: readonly string[]): Promise<readonly Checksum[]> {
    const snapshot = await this.snapshot();
    try {
      const sums: Checksum[] = [];
      for (const table of tables) {
        const sql = checksumSql(table, 'timestamps', 'has({ids:Array(String)}, source)');
        const [row] = await (await snapshot.query(sql, { ids })).rows();
        sums.push({ table: table.name, rows: Number(row!.n), sum: String(row!.total) });
      }
      return sums;
    } finally {
      await snapshot.close();
    }
  }

  /** What the store holds at this moment. Close it after use. */
  async snapshot(): Promise<Snapshot> {
    // Tickets after what jobs made of them: a window may lack what is visible here, and is known to, but has nothing else.
    const derived = await this.#derived.refresh();
    const { tables } = await visibleTables(this.#logs);
    const problems = [...this.#logs, ...this.#derived.logs].flatMap(({ problem }) => problem ?? []);
    return new Snapshot([...tables, ...derived], problems, this.#options);
  }

  /**
   * Puts rows in place of segments of a table that a job fills, in one commit. False if the table has the transaction
   * already, or not all of the segments any more, or the application has made other commits: then nothing changed.
   *
   * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_CORRUPT
   */
  replace(table: Table, replacement: Replacement): Promise<boolean> {
    return this.#derived.replace(table, replacement);
  }

  /**
   * What the store held when the log of imports had come to a version, which names the snapshot for all tables. Close it
   * after use.
   *
   * @throws SONDE_NOT_FOUND if there is none of that number, SONDE_SNAPSHOT_GONE if not all of it is there any more
   */
  async snapshotAt(number: number): Promise<Snapshot> {
    await this.#importsLog.refresh();
    const { version, problem } = this.#importsLog;
    if (number > version) {
      const last = version < 0 ? 'there is no snapshot yet' : `the last snapshot that can be read is ${version}`;
      const message = problem === undefined ? last : `${last}: ${problem.reason}`;
      throw new SondeError('SONDE_NOT_FOUND', message, { snapshot: number }, '`sonde db history` lists them');
    }
    await this.#derived.refresh();
    const derived = this.#derived.logs.map(({ table }) => table);
    return new Snapshot(await oldTables(this.path, number, derived), [], this.#options);
  }

  /** What was added and taken away, oldest first, as far back as the logs go. */
  async history(): Promise<readonly Change[]> {
    return readHistory(await this.#allLogs());
  }

  /** What there is, table by table: those of tickets, whether they are there or not, then those of jobs. */
  async inventory(): Promise<readonly TableStatus[]> {
    const { tables } = await visibleTables(await this.#allLogs());
    const ofTickets = tables.filter(({ log }) => this.#logs.includes(log));
    const derived = tables.filter(({ log, version }) => !this.#logs.includes(log) && version >= 0);
    return Promise.all([...ofTickets, ...derived].map(takeInventory));
  }

  /**
   * Looks at every bit of it, whatever was looked at before.
   *
   * @param onSegment is told how many of how many segments were looked at
   */
  async verify(onSegment: (done: number, all: number) => void = () => undefined): Promise<readonly Verdict[]> {
    const anew = new Store(this.path, this.#options);
    const snapshot = await anew.snapshot();
    try {
      return await verifyStore([...anew.#logs, ...anew.#derived.logs], snapshot, onSegment);
    } finally {
      await snapshot.close();
    }
  }

  /** What interrupted imports, rewrites and jobs left behind. */
  async unfinished(): Promise<Unfinished> {
    const logs = await this.#allLogs();
    await visibleTables(logs);
    const begun = this.#logs.flatMap((log) => [...log.transactions.keys()].flatMap((appId) => importOf(appId) ?? []));
    const sources = [...new Set(begun)].filter((id) => this.#importsLog.attemptAt(id) === undefined);
    let files = 0;
    let bytes = 0;
    for (const log of logs) {
      const unnamed = await countUnnamedFiles(log);
      files += unnamed.files;
      bytes += unnamed.bytes;
    }
    const rewritten = this.#logs.filter(({ replaced }) => replaced.size > 0).map(({ table }) => table.name);
    return { sources, unreferenced: { files, bytes }, rewritten };
  }

  /**
   * Merges small segments into larger ones, while others read and write.
   *
   * @param tell hears of segments that are damaged: they stay as they are
   * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_UNREADABLE
   */
  async compact(tell: (problem: Problem) => void = () => undefined): Promise<readonly Merged[]> {
    return compact(await this.#allLogs(), upkeepEngine, tell);
  }

  /** Takes files off the disk that no reader needs any more. */
  async vacuum(grace: Grace = defaultGrace): Promise<Vacuumed> {
    return vacuum(await this.#allLogs(), grace, Date.now());
  }

  /**
   * Takes the oldest rows out of the tables of tickets: what jobs made of them stays.
   *
   * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_UNREADABLE
   */
  retain(limits: Limits): Promise<readonly Retired[]> {
    return retain(this.#logs, limits, upkeepEngine);
  }

  /**
   * Changes rows of several tables at once, while others read and write: see `rewriteRows`.
   *
   * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_CORRUPT, SONDE_STREAM_OVERTAKEN if another one began meanwhile
   */
  rewrite(change: RowChange): Promise<readonly Rewritten[]> {
    this.#requireKey();
    return rewriteRows(this.#logs, change, upkeepEngine);
  }

  /**
   * Compacts the tables that have many small segments, and takes off the disk what was replaced before. Cheap where
   * there is nothing to do. What stops it (a full disk) stops nobody else: it is tried again after the next commit.
   *
   * @param warn hears of what stopped it, and of segments that are damaged
   */
  async tidy(warn: (error: SondeError) => void): Promise<void> {
    try {
      const merged = await compact(await this.#allLogs(), upkeepEngine, (problem) => warn(damaged(problem)), CROWD);
      if (merged.length > 0) await this.vacuum();
    } catch (error) {
      if (!(error instanceof SondeError)) throw error;
      warn(error);
    }
  }

  /** Those of the tables that jobs fill come first, that of imports last. */
  async #allLogs(): Promise<readonly DeltaLog[]> {
    await this.#derived.refresh();
    return [...this.#derived.logs, ...this.#logs];
  }

  #requireKey(): void {
    if (!this.#isBound) throw new Error('a key is to be bound before the first import');
  }
}

/**
 * Opens the store in a folder. A missing or empty folder is a store without rows; `bindKey` creates it.
 *
 * @example
 * const store = await openStore('sonde-store');
 * await store.bindKey(fingerprint);
 * const run = store.beginImport(id);
 * for await (const batch of batches) await run.write(batch);
 * await run.commit();
 *
 * @throws SONDE_STORE_UNREADABLE, SONDE_STORE_CORRUPT
 */
export const openStore = async (path: string, options: EngineOptions = {}): Promise<Store> => {
  const folder = resolve(path);
  await readStoreFile(folder);
  return new Store(folder, options);
};
