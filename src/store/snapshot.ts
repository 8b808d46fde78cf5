/** What the store holds at one moment: tables that do not change, and questions about them. */
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { SondeError } from '../kit/errors.ts';
import type { Table } from '../tickets/column.ts';
import { imports } from '../tickets/index.ts';
import { checkSegment } from './delta/check-segment.ts';
import type { Segment } from './delta/segment.ts';
import type { TimeRange } from './delta/time-ranges.ts';
import { checkSql } from './engine/check-sql.ts';
import { type DuckdbQuery, macroSql, type Parameters, toDuckdb } from './engine/dialect.ts';
import { type EngineOptions, literal, lockEngine, startEngine } from './engine/engine.ts';
import { type QueryLimits, type QueryResult, runQuery, type UserLimits } from './engine/query.ts';
import { emptySelect, selectSql, viewSql } from './engine/view.ts';
import type { Problem } from './store-errors.ts';

/** Rows that were changed in place, as by `sonde reclassify`. */
export interface Rewritten {
  /** The first snapshot that shows it. */
  readonly snapshot: number;
  /** By the reported clock, UTC microseconds, ends included: no changed row lies outside. */
  readonly ranges: readonly TimeRange[];
}

/** A table at the moment of the snapshot, with the segments that may be seen. */
export interface SnapshotTable {
  readonly table: Table;
  /** The table's folder. */
  readonly folder: string;
  /** Version of its log; -1 for a table without any commit. */
  readonly version: number;
  readonly segments: readonly Segment[];
  /** Oldest first. */
  readonly rewrites?: readonly Rewritten[];
  /** For a table of jobs: how many commits each of them has made. */
  readonly reached?: ReadonlyMap<string, number>;
}

/** How much of a table there is, complete imports only. */
export interface TableSize {
  readonly table: string;
  readonly version: number;
  readonly segments: number;
  readonly rows: number;
  readonly bytes: number;
}

const userMemoryMb = 1024;

/** The engine opens a segment for the schema; one without a hash, from another program, may turn out to be none. */
const createView = async (
  connection: DuckDBConnection,
  { table, folder }: SnapshotTable,
  segments: readonly Segment[],
): Promise<void> => {
  try {
    await connection.run(viewSql(table, folder, segments));
  } catch (error) {
    throw new SondeError(
      'SONDE_STORE_UNREADABLE',
      `the table ${table.name} cannot be opened: ${error instanceof Error ? error.message : error}`,
      { table: table.name, folder },
      'run sonde doctor',
      error,
    );
  }
};

export class Snapshot {
  readonly #tables: readonly SnapshotTable[];
  readonly #options: EngineOptions;
  readonly #problems: Problem[];
  readonly #sound = new Map<SnapshotTable, Promise<readonly Segment[]>>();
  #engine: Promise<DuckDBInstance> | undefined;
  readonly #views = new Map<SnapshotTable, Promise<unknown>>();

  /** Use `store.snapshot()`. @param problems those known; what is found later is added */
  constructor(tables: readonly SnapshotTable[], problems: Problem[], options: EngineOptions) {
    this.#tables = tables;
    this.#problems = problems;
    this.#options = options;
  }

  /** What was left out because it is corrupt or missing. Segments are looked at when a query first needs their table. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** The size of each table, in the order of the tables. */
  get sizes(): readonly TableSize[] {
    return this.#tables.map(({ table, version, segments }) => ({
      table: table.name,
      version,
      segments: segments.length,
      rows: segments.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
      bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    }));
  }

  /** The tables, those that jobs fill included. */
  get tables(): readonly Table[] {
    return this.#tables.map(({ table }) => table);
  }

  /** The table as it is in the store; undefined if there is none of that name. */
  tableOf(name: string): Table | undefined {
    return this.#entryOf(name)?.table;
  }

  /** The segments of a table that may be seen; none if there is no such table. Whether they are sound is not known yet. */
  segmentsOf(name: string): readonly Segment[] {
    return this.#entryOf(name)?.segments ?? [];
  }

  /** The number that names it: the version of the log of imports; -1 for a store without any. */
  get number(): number {
    return this.#entryOf(imports.name)?.version ?? -1;
  }

  /** Where rows of a table were changed in place, oldest first. */
  rewritesOf(name: string): readonly Rewritten[] {
    return this.#entryOf(name)?.rewrites ?? [];
  }

  /** How many commits an application has made in a table of jobs. */
  reached(name: string, appId: string): number {
    return this.#entryOf(name)?.reached?.get(appId) ?? 0;
  }

  /**
   * The rows of some segments of a table as a SELECT, for engines other than the snapshot's own. Segments that are not
   * sound are left out, and are among the problems.
   *
   * @param table with the columns to give: those of the store, or more, which are then not observed
   */
  async selectOf(table: Table, segments: readonly Segment[]): Promise<string> {
    const entry = this.#entryOf(table.name);
    if (entry === undefined) return emptySelect(table);
    const sound = new Set((await this.#checkSegments({ ...entry, segments })).map(({ file }) => file));
    return selectSql(
      table,
      entry.folder,
      segments.filter(({ file }) => sound.has(file)),
    );
  }

  /**
   * The part of it that is about a stretch of time: without the segments that by both clocks, when a row was reported and
   * when it happened, lie outside. They are neither opened nor checked. Of rows outside it has some and not others, so
   * queries filter as ever. Its problems are those of the whole. Close it after use.
   *
   * @param from UTC microseconds
   * @param until exclusive
   */
  within(from: number, until: number): Snapshot {
    const reaches = ({ times = {} }: Segment): boolean => {
      const ranges = Object.values(times);
      return ranges.length === 0 || ranges.some(([first, last]) => last >= from && first < until);
    };
    const tables = this.#tables.map((entry) => ({ ...entry, segments: entry.segments.filter(reaches) }));
    return new Snapshot(tables, this.#problems, this.#options);
  }

  #entryOf(name: string): SnapshotTable | undefined {
    return this.#tables.find(({ table }) => table.name === name);
  }

  /**
   * Runs a query of the product: ClickHouse's placeholders and the function names of dialect.ts.
   *
   * @example
   * const result = await snapshot.query('SELECT count(*) AS n FROM flows WHERE service = {service:String}', { service });
   * const [{ n }] = await result.rows();
   *
   * @throws SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT
   */
  async query(sql: string, parameters: Parameters = {}, limits: QueryLimits = {}): Promise<QueryResult> {
    const query = toDuckdb(sql, parameters);
    this.#engine ??= this.#start(this.#options);
    const engine = await this.#engine;
    for (const table of this.#mentioned(sql)) {
      const view = this.#views.get(table) ?? this.#addView(engine, table);
      this.#views.set(table, view);
      await view;
    }
    return runQuery(engine, query, limits);
  }

  /**
   * Runs a query that a person typed: one SELECT over the tables, in an engine of its own that can reach nothing else.
   *
   * @throws SONDE_QUERY_REFUSED, SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT
   */
  async userQuery(sql: string, parameters: Parameters = {}, limits: UserLimits = {}): Promise<QueryResult> {
    const question = toDuckdb(sql, parameters);
    return this.#runForUser(await this.#startForUser(question.sql, limits), question, limits);
  }

  /**
   * Writes the rows of such a query into a Parquet file of their own.
   *
   * @param path absolute; what is there is replaced
   * @throws SONDE_QUERY_REFUSED, SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT
   */
  async userParquet(
    sql: string,
    path: string,
    parameters: Parameters = {},
    limits: Omit<UserLimits, 'rows'> = {},
  ): Promise<void> {
    const question = toDuckdb(sql, parameters);
    const engine = await this.#startForUser(question.sql, limits, path);
    // The text was found to be one SELECT; a line of its own, since it may end in a comment.
    const select = question.sql.trimEnd().replace(/;$/, '');
    const copy = `COPY (\n${select}\n) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`;
    await (await this.#runForUser(engine, { ...question, sql: copy }, limits)).rows();
  }

  /** Runs it, and ends the engine with it. */
  #runForUser(engine: DuckDBInstance, question: DuckdbQuery, limits: UserLimits): Promise<QueryResult> {
    const grownMb = 2 * this.#userMemoryMb(limits) + 512;
    return runQuery(engine, question, { grownMb, ...limits }, () => engine.closeSync());
  }

  #userMemoryMb({ memoryMb = this.#options.memoryMb ?? userMemoryMb }: UserLimits): number {
    return memoryMb;
  }

  /** An engine that holds the tables which the text mentions, and can reach no file but theirs and `written`. */
  async #startForUser(sql: string, limits: UserLimits, ...written: readonly string[]): Promise<DuckDBInstance> {
    const engine = await this.#start({ ...this.#options, memoryMb: this.#userMemoryMb(limits) });
    const connection = await engine.connect();
    let ready = false;
    try {
      await checkSql(
        connection,
        sql,
        this.#tables.map(({ table }) => table.name),
      );
      const mentioned = this.#mentioned(sql);
      const files = [...written];
      for (const entry of this.#tables) {
        const segments = mentioned.includes(entry) ? await this.#soundSegments(entry) : [];
        await createView(connection, entry, segments);
        files.push(...segments.map(({ file }) => join(entry.folder, file)));
      }
      await lockEngine(connection, files);
      ready = true;
      return engine;
    } finally {
      connection.closeSync();
      if (!ready) engine.closeSync();
    }
  }

  /** Ends the engine. Results that are still being taken fail. */
  async close(): Promise<void> {
    const engine = await this.#engine;
    this.#engine = undefined;
    engine?.closeSync();
  }

  async #start(options: EngineOptions): Promise<DuckDBInstance> {
    const engine = await startEngine(options);
    const connection = await engine.connect();
    await connection.run(macroSql);
    connection.closeSync();
    return engine;
  }

  /** The tables whose names stand somewhere in the text: at least those that it reads. */
  #mentioned(sql: string): readonly SnapshotTable[] {
    return this.#tables.filter(({ table }) => new RegExp(`\\b${table.name}\\b`, 'i').test(sql));
  }

  async #addView(engine: DuckDBInstance, entry: SnapshotTable): Promise<void> {
    const connection = await engine.connect();
    try {
      await createView(connection, entry, await this.#soundSegments(entry));
    } finally {
      connection.closeSync();
    }
  }

  #soundSegments(entry: SnapshotTable): Promise<readonly Segment[]> {
    const segments = this.#sound.get(entry) ?? this.#checkSegments(entry);
    this.#sound.set(entry, segments);
    return segments;
  }

  async #checkSegments({ table, folder, segments }: SnapshotTable): Promise<readonly Segment[]> {
    const sound: Segment[] = [];
    for (const segment of segments) {
      const reason = await checkSegment(join(folder, segment.file), segment);
      if (reason === undefined) sound.push(segment);
      else this.#problems.push({ table: table.name, file: segment.file, reason });
    }
    return sound;
  }
}
