/** Runs a query on a server with limits and gives its rows as they come. */
import type { IncomingMessage } from 'node:http';
import type { Parameters } from '../engine/dialect.ts';
import {
  limitReached,
  type QueryLimits,
  type QueryResult,
  queryFailed,
  tooManyRows,
  toResult,
} from '../engine/query.ts';
import type { Row } from '../engine/rows.ts';
import { rowReader, rowSettings } from './result-rows.ts';
import { type Endpoint, ServerError, type Settings, send, unreachable } from './server.ts';

const CHUNK_ROWS = 2048;
/** A server that is out of time says so by itself; this is for one that does not. */
const GRACE_MS = 5000;

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', "'": "\\'" };
const escaped = (text: string): string => text.replace(/[\\\t\n\r']/g, (one) => escapes[one]!);

/** A value as the interface reads parameters: escaped as in a line of tab-separated values. */
const parameterText = (value: Parameters[string]): string => {
  if (typeof value !== 'object') return escaped(String(value));
  return `[${value.map((one) => (typeof one === 'string' ? `'${escaped(one)}'` : one)).join(',')}]`;
};

/** A line of rows, or what failed after the first of them: it is told where they stand. */
const checked = (line: string): string => {
  if (line.startsWith('[')) return line;
  throw new ServerError(line, Number(/Code: (\d+)/.exec(line)?.[1] ?? -1));
};

/** The lines of an answer. One that breaks off throws. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const text of response.setEncoding('utf8')) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield checked(line);
  }
  if (rest !== '') yield checked(rest);
}

/** Time, memory and rows that a server may spend. */
const limitCodes: ReadonlySet<number> = new Set([158, 159, 160, 241, 307, 396]);

const explain = (error: unknown, signal: AbortSignal | undefined): unknown => {
  if (signal?.aborted) return signal.reason;
  if (!(error instanceof ServerError)) return error;
  if (error.code === 0) return unreachable(error, '');
  return limitCodes.has(error.code) ? limitReached(error.message, error) : queryFailed(error.message, error);
};

/**
 * Sends a query; resolves when the first server that runs begins to answer.
 *
 * @param format of the answer; undefined for the server's default, text by lines
 * @param settings besides those of the limits
 * @throws SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT, SONDE_STORE_UNREADABLE
 */
export const openAnswer = async (
  servers: readonly Endpoint[],
  sql: string,
  format: string | undefined,
  parameters: Parameters,
  { timeMs, signal }: Pick<QueryLimits, 'timeMs' | 'signal'>,
  settings: Settings,
): Promise<IncomingMessage> => {
  const values = Object.entries(parameters).map(([name, value]) => [`param_${name}`, parameterText(value)] as const);
  const options = {
    settings: {
      ...settings,
      ...(timeMs === undefined ? {} : { max_execution_time: timeMs / 1000 }),
      ...Object.fromEntries(values),
    },
    timeoutMs: timeMs === undefined ? 0 : timeMs + GRACE_MS,
    ...(signal === undefined ? {} : { signal }),
  };
  // A line of its own, since the text may end in a comment.
  const text = `${sql.trimEnd().replace(/;$/, '')}${format === undefined ? '' : `\nFORMAT ${format}`}`;
  for (const [i, server] of servers.entries()) {
    try {
      return await send(server, text, options);
    } catch (error) {
      const isSilent = error instanceof ServerError && error.code === 0;
      if (!isSilent || i === servers.length - 1) throw explain(error, signal);
    }
  }
  throw new Error('no server to ask');
};

/** Rows in chunks from the lines that are left. */
async function* takeRows(
  lines: AsyncGenerator<string>,
  read: (line: string) => Row,
  maxRows: number,
): AsyncGenerator<readonly Row[]> {
  let left = maxRows;
  let chunk: Row[] = [];
  for await (const line of lines) {
    if (left-- === 0) {
      yield chunk;
      throw tooManyRows(maxRows);
    }
    chunk.push(read(line));
    if (chunk.length < CHUNK_ROWS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * Starts a query; resolves when its columns are known.
 *
 * @param settings besides those of the limits and the format
 * @throws SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT, SONDE_STORE_UNREADABLE
 */
export const runQuery = async (
  servers: readonly Endpoint[],
  sql: string,
  parameters: Parameters,
  limits: QueryLimits,
  settings: Settings,
): Promise<QueryResult> => {
  const { rows: maxRows = Number.POSITIVE_INFINITY, signal } = limits;
  const all = { ...rowSettings, ...settings };
  const response = await openAnswer(servers, sql, 'JSONCompactEachRowWithNamesAndTypes', parameters, limits, all);
  const lines = linesOf(response);
  try {
    const header = async (): Promise<readonly string[]> => JSON.parse((await lines.next()).value ?? '[]');
    const { columns, read } = rowReader(await header(), await header());
    const chunks = async function* (): AsyncGenerator<readonly Row[]> {
      try {
        yield* takeRows(lines, read, maxRows);
      } catch (error) {
        throw explain(error, signal);
      } finally {
        response.destroy();
      }
    };
    return toResult(columns, chunks);
  } catch (error) {
    response.destroy();
    throw explain(error, signal);
  }
};
