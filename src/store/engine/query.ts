/** Runs a query with limits and gives its rows as they come. */
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from '@duckdb/node-api';
import { SondeError } from '../../kit/errors.ts';
import { giveUpWork, isGivenUp } from '../../kit/given-up-work.ts';
import type { DuckdbQuery } from './dialect.ts';
import { kindOf, type ResultColumn, type Row, toValue } from './rows.ts';

export interface QueryLimits {
  /** Rows that may be given; with the next one the query fails. */
  readonly rows?: number;
  /** Milliseconds from the start to the last row, the time of whoever takes the rows included. */
  readonly timeMs?: number;
  /** MiB that the process may grow by meanwhile: of single values, however large, the engine keeps no account. */
  readonly grownMb?: number;
  /** Ends the query; what waits for it then gets the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Those of a query that a person typed. */
export interface UserLimits extends QueryLimits {
  /** Memory of the engine, MiB. */
  readonly memoryMb?: number;
}

/**
 * Rows in chunks of up to 2,048, to be taken once, with `for await` or `rows`. Whoever stops early ends the query.
 *
 * @throws while taking: SONDE_QUERY_LIMIT after `limits.rows` rows, `limits.timeMs` or the engine's memory;
 *   SONDE_QUERY_FAILED
 */
export interface QueryResult extends AsyncIterable<readonly Row[]> {
  readonly columns: readonly ResultColumn[];
  /** All rows. */
  rows(): Promise<readonly Row[]>;
}

const narrow = 'narrow it down (a shorter time range, fewer columns, an aggregate), or raise the limit';

export const limitReached = (message: string, cause?: unknown): SondeError =>
  new SondeError('SONDE_QUERY_LIMIT', message, {}, narrow, cause);

export const tooManyRows = (maxRows: number): SondeError => limitReached(`the query gives more than ${maxRows} rows`);

const tooMuchMemory = (cause?: unknown): SondeError =>
  limitReached('the query needs more memory than it may use', cause);

export const queryFailed = (message: string, cause: unknown): SondeError =>
  new SondeError('SONDE_QUERY_FAILED', message, {}, 'see the data dictionary for tables and columns', cause);

/** @param chunks begins to take the rows; called once */
export const toResult = (
  columns: readonly ResultColumn[],
  chunks: () => AsyncGenerator<readonly Row[]>,
): QueryResult => ({
  columns,
  [Symbol.asyncIterator]: chunks,
  rows: async () => {
    const rows: Row[] = [];
    for await (const chunk of chunks()) for (const row of chunk) rows.push(row);
    return rows;
  },
});

/**
 * How long the engine may take to end a query after it was told to. It looks for that between two batches of values, and
 * one call of a function may take hours.
 */
const PATIENCE_MS = 1000;
const WATCH_MS = 100;

const megabytesInUse = (): number => process.memoryUsage.rss() / 2 ** 20;

/** Watches the clock, the signal and the memory: interrupts the engine, tells why, and gives up what does not end. */
class Watch {
  #cause: (() => unknown) | undefined;
  #work: Promise<unknown> = Promise.resolve();
  readonly #givenUp: Promise<never>;
  readonly #stop: () => void;

  constructor(connection: DuckDBConnection, { timeMs, grownMb, signal }: QueryLimits) {
    let giveUp: (reason: unknown) => void = () => undefined;
    this.#givenUp = new Promise((_, reject) => {
      giveUp = reject;
    });
    this.#givenUp.catch(() => undefined);
    let patience: NodeJS.Timeout | undefined;
    const end = (cause: () => unknown): void => {
      if (this.#cause !== undefined) return;
      this.#cause = cause;
      connection.interrupt();
      patience = setTimeout(() => {
        giveUpWork(this.#work);
        giveUp(cause());
      }, PATIENCE_MS).unref();
    };
    const late = (): void => end(() => limitReached(`the query took longer than ${timeMs} ms`));
    const aborted = (): void => end(() => signal?.reason);
    const most = megabytesInUse() + (grownMb ?? Number.POSITIVE_INFINITY);
    const look = (): void => {
      if (megabytesInUse() > most) end(() => tooMuchMemory());
    };
    const timer = timeMs === undefined ? undefined : setTimeout(late, timeMs).unref();
    const looks = grownMb === undefined ? undefined : setInterval(look, WATCH_MS).unref();
    signal?.addEventListener('abort', aborted, { once: true });
    if (signal?.aborted) aborted();
    this.#stop = () => {
      clearTimeout(timer);
      clearTimeout(patience);
      clearInterval(looks);
      signal?.removeEventListener('abort', aborted);
    };
  }

  /** Throws if the query is to end. */
  check(): void {
    if (this.#cause !== undefined) throw this.#cause();
  }

  /** What a call of the engine gives, unless it does not end when it is told to. */
  wait<T>(work: Promise<T>): Promise<T> {
    this.#work = work.catch(() => undefined);
    return Promise.race([work, this.#givenUp]);
  }

  /** Ends the watch, and then calls `close`; not before the engine has come back, which would make everybody wait. */
  stop(close: () => void): void {
    this.#stop();
    if (isGivenUp(this.#work)) void this.#work.then(close);
    else close();
  }

  /** An error of the engine as one that a person can read. */
  explain(error: unknown): unknown {
    if (this.#cause !== undefined) return this.#cause();
    if (error instanceof SondeError) return error;
    const message = error instanceof Error ? error.message : String(error);
    if (/out of memory|allocation failure|bad_alloc/i.test(message)) return tooMuchMemory(error);
    return queryFailed(message.replace(/\s*Stack Trace:.*/s, ''), error);
  }
}

async function* takeRows(
  result: DuckDBResult,
  columns: readonly ResultColumn[],
  watch: Watch,
  maxRows: number,
): AsyncGenerator<readonly Row[]> {
  const types = result.columnTypes();
  let left = maxRows;
  for (;;) {
    watch.check();
    const chunk = await watch.wait(result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) {
      // So ends a query, too, that was interrupted between two chunks.
      watch.check();
      return;
    }
    const rows: Record<string, Row[string]>[] = Array.from({ length: chunk.rowCount }, () => ({}));
    columns.forEach(({ name }, column) => {
      const values = chunk.getColumnValues(column);
      for (let row = 0; row < rows.length; row++) rows[row]![name] = toValue(values[row]!, types[column]!);
    });
    yield rows.length > left ? rows.slice(0, left) : rows;
    left -= rows.length;
    if (left < 0) throw tooManyRows(maxRows);
  }
}

/**
 * Starts a query on a connection of its own. Resolves when its columns are known.
 *
 * @param ended called once, when the last row was taken or the query failed
 * @throws SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT
 */
export const runQuery = async (
  instance: DuckDBInstance,
  query: DuckdbQuery,
  limits: QueryLimits,
  ended: () => void = () => undefined,
): Promise<QueryResult> => {
  const connection = await instance.connect();
  const watch = new Watch(connection, limits);
  const end = (): void =>
    watch.stop(() => {
      connection.closeSync();
      ended();
    });
  try {
    watch.check();
    const statement = await watch.wait(connection.prepare(query.sql));
    statement.bind(query.values, query.types);
    const result = await watch.wait(statement.stream());
    const names = result.deduplicatedColumnNames();
    const columns = result.columnTypes().map((type, i): ResultColumn => ({ name: names[i]!, kind: kindOf(type) }));
    const chunks = async function* (): AsyncGenerator<readonly Row[]> {
      try {
        yield* takeRows(result, columns, watch, limits.rows ?? Number.POSITIVE_INFINITY);
      } catch (error) {
        throw watch.explain(error);
      } finally {
        end();
      }
    };
    return toResult(columns, chunks);
  } catch (error) {
    end();
    throw watch.explain(error);
  }
};
