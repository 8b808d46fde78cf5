/** An HTTP/1 connection that is followed, and which of its requests a response answers. */
import type { HttpResponse } from '../packet/http-response.ts';
import { HttpStream } from './http-stream.ts';
import { distance } from './sequence.ts';

/** A request on its way to be answered. */
export interface WaitingRequest {
  readonly method: string;
  /** Interner codes. */
  host: number;
  path: number;
  userAgent: number;
  /** Memory of these texts. */
  readonly textBytes: number;
  /** Its first byte, UTC microseconds. */
  readonly requestedAt: number;
  /** The byte of the server that the client expected when it asked: the response begins there or behind. */
  readonly expectedAt: number;
}

export interface Connection {
  flow: number;
  readonly up: HttpStream;
  readonly down: HttpStream;
  readonly waiting: WaitingRequest[];
  /** Segments in which a first head is still looked for; `Infinity` once there was one, 0 when HTTP is over. */
  patience: number;
  /** Did the client tell its User-Agent? */
  hasAgent: boolean;
  /** Memory for heads and requests. */
  heldBytes: number;
}

export const newConnection = (): Connection => ({
  flow: 0,
  up: new HttpStream(),
  down: new HttpStream(),
  waiting: [],
  patience: 0,
  hasAgent: false,
  heldBytes: 0,
});

/** A request with its response, or one of them alone. */
export interface HttpExchange {
  readonly flow: number;
  readonly request: WaitingRequest | undefined;
  readonly response: HttpResponse | undefined;
  /** First byte of the response, UTC microseconds. */
  readonly respondedAt: number;
}

/**
 * Takes the requests out that the response at `nextAt` of the server's stream shows to have lost theirs in a gap: if the
 * client had bytes of a response when it asked again, and the response at hand begins behind those, the first request
 * is one.
 */
export const takeUnanswered = ({ down, waiting }: Connection): WaitingRequest[] => {
  const { nextAt, lostAt } = down;
  down.lostAt = Number.NaN;
  if (Number.isNaN(lostAt)) return [];
  let lost = 0;
  for (; lost + 1 < waiting.length; lost++) {
    const [first, second] = [waiting[lost]!, waiting[lost + 1]!];
    const from = distance(first.expectedAt, lostAt) > 0 ? lostAt : first.expectedAt;
    if (distance(from, second.expectedAt) <= 0 || distance(second.expectedAt, nextAt) < 0) break;
  }
  return waiting.splice(0, lost);
};

/**
 * Takes the request out that the response at `nextAt` of the server's stream answers: the oldest that waits, unless the
 * client had asked it only behind that byte; then the response is of a request that was not seen.
 */
export const takeAnswered = ({ down, waiting }: Connection): WaitingRequest | undefined =>
  waiting.length > 0 && distance(waiting[0]!.expectedAt, down.nextAt) < 0 ? undefined : waiting.shift();
