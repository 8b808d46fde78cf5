/** HTTP/1 requests and their responses: who asked what, and what came back (RFC 9112). */

import { decodeHttpRequest, mayBeHttpRequest } from '../packet/http-request.ts';
import {
  contentAfter,
  decodeHttpResponse,
  type HttpResponse,
  isInterim,
  mayBeHttpResponse,
} from '../packet/http-response.ts';
import { type Layers, TcpFlag } from '../packet/layers.ts';
import { FlowBit, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';
import {
  type Connection,
  type HttpExchange,
  newConnection,
  takeAnswered,
  takeUnanswered,
  type WaitingRequest,
} from './http-connection.ts';
import type { HeadReader, Piece } from './http-stream.ts';
import type { NameSink } from './note-hello.ts';
import { distance, sequenceOfPayload } from './sequence.ts';

/** Connections followed at once, the memory that their heads may take, and requests that wait on one; beyond these the oldest are given up. */
const MAX_CONNECTIONS = 1 << 17;
const MAX_HELD_BYTES = 1 << 26;
const MAX_WAITING = 64;
/** Connections that are over, kept for others: what lives for long is dear to allocate and to collect. */
const MAX_SPARE = 4096;
/** Segments in which a connection whose start was not seen may show its first head. */
const SEARCHED_SEGMENTS = 16;

/** The payload of the segment in `layers`. */
export const pieceOf = (layers: Layers, bytes: Uint8Array, at: number): Piece => {
  const { payloadStart: start, payloadEnd: end, payloadBytes: wireBytes } = layers;
  return { sequence: sequenceOfPayload(layers), bytes, start, end, wireBytes, at };
};

/** Follows the connections that FirstPayload found to carry HTTP/1, and tells the observer of each exchange. */
export class HttpTracker {
  /** The exchange that the observer is being told of. */
  exchange: HttpExchange | undefined;
  readonly #sink: NameSink;
  readonly #flows: FlowTable;
  readonly #keepQuery: boolean;
  readonly #tunnelled: (flow: number, sequence: number) => void;
  readonly #connections = new Map<number, Connection>();
  /** Connections that are over and hold nothing. */
  readonly #spare: Connection[] = [];
  /** By 2 * flow, and + 1 for the direction from the server: `nextAt` of its stream. */
  #nextAt = new Int32Array(0);
  #heldBytes = 0;
  /** Of the segment that is read: its connection, and what it acknowledges, NaN for nothing. */
  #connection!: Connection;
  #acknowledged = Number.NaN;
  readonly #requests: HeadReader = {
    mayBegin: mayBeHttpRequest,
    read: (bytes, start, end, final) => this.#readRequest(bytes, start, end, final),
  };
  readonly #responses: HeadReader = {
    mayBegin: mayBeHttpResponse,
    read: (bytes, start, end, final) => this.#readResponse(bytes, start, end, final),
  };

  /**
   * @param keepQuery is the query of a target part of its path?
   * @param tunnelled told when a client asked a proxy to CONNECT: its tunnel begins with the byte `sequence`
   */
  constructor(sink: NameSink, keepQuery: boolean, tunnelled: (flow: number, sequence: number) => void) {
    this.#sink = sink;
    this.#flows = sink.flows;
    this.#keepQuery = keepQuery;
    this.#tunnelled = tunnelled;
  }

  /**
   * Follows a connection from the start of a message on.
   *
   * @param layers of the segment that came last
   * @param pieces of the message, in the order of the stream
   * @param others what the other end sent before, from the middle of its stream on
   */
  begin(flow: number, layers: Layers, up: boolean, pieces: readonly Piece[], others: readonly Piece[] = []): void {
    const isAnswer = (layers.tcpFlags & TcpFlag.ACK) !== 0;
    const connection = this.#add(flow, Number.POSITIVE_INFINITY);
    const own = up ? connection.up : connection.down;
    const other = up ? connection.down : connection.up;
    own.begin(pieces[0]!.sequence, true);
    if (others.length > 0) other.begin(others[0]!.sequence, false);
    else other.begin(layers.tcpAcknowledgement, isAnswer);
    this.#connection = connection;
    this.#acknowledged = Number.NaN;
    for (const piece of others) other.take(piece, up ? this.#responses : this.#requests);
    if (isAnswer) this.#acknowledged = layers.tcpAcknowledgement;
    for (const piece of pieces) own.take(piece, up ? this.#requests : this.#responses);
    this.#settle(connection);
  }

  /** Looks for HTTP/1 in a connection of which the start was not seen; pieces of its client, in the order of the stream. */
  search(flow: number, pieces: readonly Piece[]): void {
    const { words } = this.#flows;
    const connection = this.#add(flow, SEARCHED_SEGMENTS);
    const { up, down } = connection;
    down.begin(words[flow * RECORD_WORDS + Word.DOWN_NEXT]!, false);
    up.begin(pieces[0]!.sequence, false);
    this.#connection = connection;
    this.#acknowledged = Number.NaN;
    for (const piece of pieces) up.take(piece, this.#requests);
    this.#settle(connection);
  }

  /** The server's SYN came behind a request in the client's: its first byte of payload will be `sequence`. */
  accepted(flow: number, sequence: number): void {
    this.#connections.get(flow)?.down.restart(sequence);
    this.#nextAt[2 * flow + 1] = sequence;
  }

  checkpoint() {
    return [...this.#connections.values()].map(({ up, down, ...rest }) => ({
      ...rest,
      up: up.checkpoint(),
      down: down.checkpoint(),
    }));
  }

  restore(connections: ReturnType<HttpTracker['checkpoint']>): void {
    for (const { flow, up, down, waiting, patience, hasAgent } of connections) {
      const connection = this.#add(flow, patience);
      connection.up.restore(up);
      connection.down.restore(down);
      connection.waiting.push(...waiting);
      connection.hasAgent = hasAgent;
      this.#account(connection);
    }
  }

  /** Gives every code held its code in a new epoch of the interner. */
  recode(codeOf: (code: number) => number): void {
    for (const { waiting } of this.#connections.values()) {
      for (const request of waiting) {
        request.host = codeOf(request.host);
        request.path = codeOf(request.path);
        request.userAgent = codeOf(request.userAgent);
      }
    }
  }

  /** A connection whose streams are still to begin. */
  #add(flow: number, patience: number): Connection {
    if (this.#connections.size === MAX_CONNECTIONS) this.#giveUpOldest();
    if (2 * flow >= this.#nextAt.length) {
      const grown = new Int32Array(2 * this.#flows.capacity);
      grown.set(this.#nextAt);
      this.#nextAt = grown;
    }
    const connection = this.#spare.pop() ?? newConnection();
    connection.flow = flow;
    connection.patience = patience;
    connection.hasAgent = false;
    connection.heldBytes = 0;
    this.#connections.set(flow, connection);
    this.#flows.words[flow * RECORD_WORDS + Word.BITS]! |= FlowBit.HTTP;
    return connection;
  }

  /** A segment with payload of a connection with `FlowBit.HTTP`. Most carry content, and end before the next head begins. */
  segment(flow: number, layers: Layers, up: boolean, bytes: Uint8Array, at: number): void {
    const nextAt = this.#nextAt[up ? 2 * flow : 2 * flow + 1]!;
    if (distance(nextAt, sequenceOfPayload(layers) + layers.payloadBytes) > 0) this.#take(flow, layers, up, bytes, at);
  }

  #take(flow: number, layers: Layers, up: boolean, bytes: Uint8Array, at: number): void {
    const connection = this.#connections.get(flow)!;
    const [own, other] = up ? [connection.up, connection.down] : [connection.down, connection.up];
    const [reader, otherReader] = up ? [this.#requests, this.#responses] : [this.#responses, this.#requests];
    const isAnswer = (layers.tcpFlags & TcpFlag.ACK) !== 0;
    this.#connection = connection;
    this.#acknowledged = Number.NaN;
    // What this end has and the capture has not will not come.
    if (isAnswer && other.isMissed(layers.tcpAcknowledgement)) other.skipGap(otherReader);
    if (isAnswer) this.#acknowledged = layers.tcpAcknowledgement;
    own.take(pieceOf(layers, bytes, at), reader);
    this.#settle(connection);
  }

  /** A segment was read: keeps account, and lets go of what is over. */
  #settle(connection: Connection): void {
    if (--connection.patience <= 0) {
      this.#release(connection);
      return;
    }
    this.#account(connection);
    while (this.#heldBytes > MAX_HELD_BYTES) this.#giveUpOldest();
  }

  #account(connection: Connection): void {
    const { flow, up, down, waiting } = connection;
    this.#nextAt[2 * flow] = up.nextAt;
    this.#nextAt[2 * flow + 1] = down.nextAt;
    this.#heldBytes -= connection.heldBytes;
    connection.heldBytes = up.heldBytes + down.heldBytes;
    for (const { textBytes } of waiting) connection.heldBytes += textBytes;
    this.#heldBytes += connection.heldBytes;
  }

  #readRequest(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const { interner } = this.#sink;
    const request = decodeHttpRequest(bytes, start, end, interner, { final });
    if (request.kind !== 'request') return request.kind === 'need-more' ? 0 : -1;
    const connection = this.#connection;
    const { flow, up, waiting } = connection;
    const { method, host, query, userAgent, textBytes, headBytes } = request;
    const keepsQuery = this.#keepQuery && query !== '';
    const path = keepsQuery ? interner.code(interner.text(request.path) + query) : request.path;
    const { beganAt: requestedAt } = up;
    connection.patience = Number.POSITIVE_INFINITY;
    waiting.push({ method, host, path, userAgent, textBytes, requestedAt, expectedAt: this.#acknowledged });
    if (waiting.length > MAX_WAITING) this.#tell(flow, waiting.shift(), undefined);
    this.#name(flow, host);
    this.#identify(connection, userAgent);
    up.follow(method === 'CONNECT' ? Number.POSITIVE_INFINITY : request.content);
    up.optional = request.expectsContinue;
    if (method === 'CONNECT' && request.complete) this.#tunnelled(flow, (up.nextAt + headBytes) | 0);
    return headBytes;
  }

  /** The first request that tells a host names the connection. */
  #name(flow: number, host: number): void {
    const { words } = this.#flows;
    const hostAt = flow * RECORD_WORDS + Word.HTTP_HOST;
    if (host === 0 || words[hostAt] !== 0) return;
    words[hostAt] = host;
    this.#sink.observer.named(flow, 'http', host);
  }

  /** The first request that tells a User-Agent tells the client's system. */
  #identify(connection: Connection, userAgent: number): void {
    if (userAgent === 0 || connection.hasAgent) return;
    connection.hasAgent = true;
    this.#sink.observer.identified(connection.flow, 'user-agent', userAgent);
  }

  #readResponse(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const response = decodeHttpResponse(bytes, start, end, this.#sink.interner, { final });
    if (response.kind !== 'response') return response.kind === 'need-more' ? 0 : -1;
    const connection = this.#connection;
    const { flow, up, down } = connection;
    connection.patience = Number.POSITIVE_INFINITY;
    if (isInterim(response)) {
      up.optional = false;
      down.follow(0);
      return response.headBytes;
    }
    for (const lost of takeUnanswered(connection)) this.#tell(flow, lost, undefined);
    const request = takeAnswered(connection);
    const method = request?.method ?? '';
    down.follow(response.complete ? contentAfter(response, method) : 'unknown');
    if (response.status === 101 || (method === 'CONNECT' && response.status < 300)) connection.patience = 0;
    else if (method === 'CONNECT' && !Number.isNaN(this.#acknowledged)) up.restart(this.#acknowledged);
    this.#tell(flow, request, response, down.beganAt);
    return response.headBytes;
  }

  #tell(
    flow: number,
    request: WaitingRequest | undefined,
    response: HttpResponse | undefined,
    respondedAt = Number.NaN,
  ): void {
    this.exchange = { flow, request, response, respondedAt };
    this.#sink.observer.exchanged();
    this.exchange = undefined;
  }

  /** The connection is over, or followed no further: requests that wait have no response. */
  end(flow: number): void {
    const connection = this.#connections.get(flow);
    if (connection === undefined) return;
    this.#connection = connection;
    this.#acknowledged = Number.NaN;
    connection.up.finish(this.#requests);
    connection.down.finish(this.#responses);
    this.#release(connection);
  }

  #release(connection: Connection): void {
    const { flow, up, down, waiting, heldBytes } = connection;
    while (waiting.length > 0) this.#tell(flow, waiting.shift(), undefined);
    this.#heldBytes -= heldBytes;
    this.#connections.delete(flow);
    this.#flows.words[flow * RECORD_WORDS + Word.BITS]! &= ~FlowBit.HTTP;
    const isEmpty = up.heldBytes + down.heldBytes === 0;
    if (isEmpty && this.#spare.length < MAX_SPARE) this.#spare.push(connection);
  }

  #giveUpOldest(): void {
    const [flow] = this.#connections.keys();
    this.end(flow!);
  }
}
