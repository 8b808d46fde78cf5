/** One server over HTTP: statements, blocks, and the rows that come back. */
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { SondeError } from '../../kit/errors.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly credentials: Credentials;
}

/** Settings, and parameters of queries (`param_name`). */
export type Settings = Readonly<Record<string, string | number>>;

interface Ask {
  readonly settings?: Settings;
  /** Goes after the statement, as the data of an INSERT. */
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
  /** Silence after which the server counts as gone. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Codes of ClickHouse that tell of a state which passes: time-outs, the network, ZooKeeper, too many queries or parts, a
 * table that is read only until it finds its ZooKeeper, memory. Any other would be the same again.
 */
const passing: ReadonlySet<number> = new Set([
  159, 160, 164, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 254, 279, 285, 286, 287, 297, 319, 349, 394, 410,
  425, 473, 659, 999, 1000,
]);

/** What a server answered, or that it did not. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  /** Code of ClickHouse; 0 if no server answered. */
  readonly code: number;

  constructor(message: string, code: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /** May the same request succeed later, or at another server? */
  get isPassing(): boolean {
    return this.code === 0 || passing.has(this.code);
  }
}

const failureOf = (text: string): ServerError => {
  const code = Number(/Code: (\d+)/.exec(text)?.[1] ?? 0);
  return new ServerError(text.trim().slice(0, 2000), code);
};

/**
 * Sends a statement; resolves when the server begins to answer.
 *
 * @throws ServerError, or the signal's reason
 */
export const send = async (endpoint: Endpoint, sql: string, ask: Ask = {}): Promise<IncomingMessage> => {
  const { host, port, isSecure, credentials } = endpoint;
  const { settings = {}, body, signal, timeoutMs = DEFAULT_TIMEOUT_MS } = ask;
  const search = new URLSearchParams(
    Object.entries(settings).map(([name, value]): [string, string] => [name, String(value)]),
  );
  // Data follows its statement in the body, which has no limit as the address has.
  const statement = Buffer.from(body === undefined ? sql : `${sql}\n`);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = (isSecure ? requestSecure : requestPlain)({
      host,
      port,
      path: `/?${search}`,
      method: 'POST',
      timeout: timeoutMs,
      headers: {
        'Content-Length': statement.length + (body?.length ?? 0),
        'X-ClickHouse-User': credentials.user,
        'X-ClickHouse-Key': credentials.password,
      },
      ...(signal === undefined ? {} : { signal }),
    });
    sent.on('response', resolve);
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    sent.on('error', (error) =>
      reject(signal?.aborted ? signal.reason : new ServerError(`${host}:${port}: ${error.message}`, 0, error)),
    );
    sent.write(statement);
    sent.end(body);
  });
  if (response.statusCode === 200) return response;
  throw failureOf(await textOf(response));
};

/** Sends a statement; resolves to all of the answer. @throws ServerError */
export const ask = async (endpoint: Endpoint, sql: string, options: Ask = {}): Promise<string> => {
  const response = await send(endpoint, sql, options);
  const answer = await textOf(response).catch((error: Error) => {
    throw new ServerError(`${endpoint.host}:${endpoint.port}: ${error.message}`, 0, error);
  });
  // What fails after the first rows is told where they stand.
  if (/^Code: \d+[.,] /m.test(answer) && /DB::Exception/.test(answer)) throw failureOf(answer);
  return answer;
};

/** A text as a literal of ClickHouse. */
export const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** A failure as an error that a person can act on. */
export const unreachable = (error: unknown, db: string): SondeError => {
  if (error instanceof SondeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const isSilent = error instanceof ServerError && error.code === 0;
  return new SondeError(
    'SONDE_STORE_UNREADABLE',
    isSilent ? `no ClickHouse answers: ${message}` : `ClickHouse refuses: ${message}`,
    { db },
    isSilent
      ? 'check address and port (HTTP, usually 8123), and that the server runs'
      : 'check user, password and rights',
    error,
  );
};
