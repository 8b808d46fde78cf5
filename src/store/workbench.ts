/** An engine that stays warm for many small questions: with relations of its own, made of segments and of answers. */
import type { DuckDBInstance } from '@duckdb/node-api';
import type { DeltaLog } from './delta/delta-log.ts';
import { writeEngineSegment } from './delta/engine-segment.ts';
import type { WrittenSegment } from './delta/segment.ts';
import { checkSql } from './engine/check-sql.ts';
import { macroSql, type Parameters, toDuckdb } from './engine/dialect.ts';
import { type EngineOptions, startEngine } from './engine/engine.ts';
import { type QueryLimits, type QueryResult, queryFailed, runQuery } from './engine/query.ts';
import { kindOf, type ResultColumn } from './engine/rows.ts';

export class Workbench {
  readonly #engine: DuckDBInstance;

  /** Use `openWorkbench`. */
  constructor(engine: DuckDBInstance) {
    this.#engine = engine;
  }

  /**
   * Runs a statement in the shared dialect.
   *
   * @throws SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT
   */
  query(sql: string, parameters: Parameters = {}, limits: QueryLimits = {}): Promise<QueryResult> {
    return runQuery(this.#engine, toDuckdb(sql, parameters), limits);
  }

  /**
   * Runs a statement that changes relations.
   *
   * @returns how many rows it put in, if it put in any
   * @throws SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT
   */
  async run(sql: string, parameters: Parameters = {}, limits: QueryLimits = {}): Promise<number> {
    const [row] = await (await this.query(sql, parameters, limits)).rows();
    return Number(row?.Count ?? 0);
  }

  /**
   * Writes rows of its relations into a segment of a table, all columns of it, which no log names yet.
   *
   * @param from what stands behind `SELECT ... FROM`, in the engine's own words
   * @throws SONDE_STORE_WRITE_FAILED
   */
  writeSegment({ table, folder }: Pick<DeltaLog, 'table' | 'folder'>, from: string): Promise<WrittenSegment> {
    return writeEngineSegment(this.#engine, { table, folder, columns: Object.keys(table.columns).length }, from);
  }

  /**
   * The columns that a query would give, without running it.
   *
   * @throws SONDE_QUERY_FAILED
   */
  async describe(sql: string, parameters: Parameters = {}): Promise<readonly ResultColumn[]> {
    const connection = await this.#engine.connect();
    try {
      const statement = await connection.prepare(toDuckdb(sql, parameters).sql);
      return Array.from({ length: statement.columnCount }, (_, i) => ({
        name: statement.columnName(i),
        kind: kindOf(statement.columnType(i)),
      }));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw queryFailed(message, error);
    } finally {
      connection.closeSync();
    }
  }

  /**
   * Refuses what a person sent unless it is one harmless SELECT over these relations.
   *
   * @throws SONDE_QUERY_REFUSED, SONDE_QUERY_FAILED if it is no SQL
   */
  async check(sql: string, relations: readonly string[]): Promise<void> {
    const connection = await this.#engine.connect();
    try {
      await checkSql(connection, sql, relations);
    } finally {
      connection.closeSync();
    }
  }

  close(): void {
    this.#engine.closeSync();
  }
}

/** Starts the engine. Close it after use. */
export const openWorkbench = async (options: EngineOptions = {}): Promise<Workbench> => {
  const engine = await startEngine(options);
  const connection = await engine.connect();
  await connection.run(macroSql);
  connection.closeSync();
  return new Workbench(engine);
};
