/** The first payload of a TCP connection: the server name of a ClientHello, or that HTTP/1 begins. */
import { mayBeHttpRequest } from '../packet/http-request.ts';
import { mayBeHttpResponse } from '../packet/http-response.ts';
import type { Layers } from '../packet/layers.ts';
import { decodeClientHello, mayBeTls, mayBeTlsRecord } from '../packet/tls-client-hello.ts';
import { MAX_HELLO_BYTES } from '../packet/tls-handshake.ts';
import { FlowBit, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';
import { type Piece, toPiece } from './http-stream.ts';
import { type HttpTracker, pieceOf } from './http-tracker.ts';
import { type NameSink, noteHello } from './note-hello.ts';
import { sequenceOfPayload } from './sequence.ts';
import { StreamPrefix } from './stream-prefix.ts';

/** Streams that are put together at once, and the memory that they may take together. */
const MAX_STREAMS = 1 << 16;
const MAX_HELD_BYTES = 1 << 26;
/** The longest DNS message over TCP and its length are longer than the longest hello. */
const MAX_STREAM_BYTES = MAX_HELLO_BYTES + 2;

/** What a stream holds, of which the contiguous part was whole `at`. */
const piecesOf = (stream: StreamPrefix, at: number): Piece[] => {
  const { beginsAt: sequence, bytes, length, waiting } = stream;
  return [{ sequence, bytes: bytes.subarray(0, length), at }, ...waiting].map(toPiece);
};

/** Keeps stream prefixes only for connections whose name, or DNS message, spans segments. */
export class FirstPayload {
  readonly #flows: FlowTable;
  readonly #sink: NameSink;
  readonly #http: HttpTracker;
  /** By 2 * flow, and + 1 for the direction from the server. */
  readonly #streams = new Map<number, StreamPrefix>();
  #heldBytes = 0;

  constructor(sink: NameSink, http: HttpTracker) {
    this.#flows = sink.flows;
    this.#sink = sink;
    this.#http = http;
  }

  /** The segment in `layers`, with payload, from the client of a flow that is not settled. */
  read(flow: number, layers: Layers, bytes: Uint8Array, at: number): void {
    const { payloadStart, payloadEnd } = layers;
    const isCut = payloadEnd - payloadStart < layers.payloadBytes;
    const isFirst = !this.#streams.has(2 * flow) && this.#beginOf(flow, true, layers) === sequenceOfPayload(layers);
    // Most names stand whole in the first segment: no stream is kept for those.
    if (isFirst && this.#readStart(flow, layers, bytes, payloadStart, payloadEnd, isCut, at)) return;
    const stream = this.follow(flow, true, layers, bytes, at);
    if (stream === undefined || isFirst) return;
    this.#readStart(flow, layers, stream.bytes, 0, stream.length, isCut || stream.broken, at, stream);
  }

  /** The segment in `layers`, with payload, from the server of a flow whose client showed nothing yet. */
  answered(flow: number, layers: Layers, bytes: Uint8Array, at: number): void {
    if (!mayBeHttpResponse(bytes, layers.payloadStart, layers.payloadEnd)) return;
    const stream = this.#streams.get(2 * flow);
    this.#settle(flow);
    this.#http.begin(flow, layers, false, [pieceOf(layers, bytes, at)], stream && piecesOf(stream, at));
  }

  /** The client asked a proxy to CONNECT: what its tunnel carries begins with the byte `sequence`. */
  tunnelled(flow: number, sequence: number): void {
    this.#settle(flow);
    if (this.#streams.size === MAX_STREAMS) return;
    const bitsAt = flow * RECORD_WORDS + Word.BITS;
    this.#flows.words[bitsAt] = (this.#flows.words[bitsAt]! | FlowBit.PROXIED) & ~FlowBit.SETTLED;
    this.#streams.set(2 * flow, new StreamPrefix(sequence, MAX_STREAM_BYTES));
  }

  /** Adds a segment to its direction's stream; the stream if its contiguous part grew, or can grow no more. */
  follow(flow: number, up: boolean, layers: Layers, bytes: Uint8Array, at: number): StreamPrefix | undefined {
    const key = up ? 2 * flow : 2 * flow + 1;
    let stream = this.#streams.get(key);
    if (this.#heldBytes > MAX_HELD_BYTES || (stream === undefined && this.#streams.size === MAX_STREAMS)) {
      // What is whole is read in an instant: so many at once are a flood, and the honest ones among them are few.
      for (const held of this.#streams.keys()) this.giveUp(held >> 1);
      if ((this.#flows.words[flow * RECORD_WORDS + Word.BITS]! & FlowBit.SETTLED) !== 0) return undefined;
      stream = undefined;
    }
    if (stream === undefined) {
      stream = new StreamPrefix(this.#beginOf(flow, up, layers), MAX_STREAM_BYTES);
      this.#streams.set(key, stream);
    }
    return this.#add(stream, pieceOf(layers, bytes, at)) || stream.broken ? stream : undefined;
  }

  /** Adds to a stream and keeps account; true if its contiguous part grew. */
  #add(stream: StreamPrefix, { sequence, bytes, start, end, at }: Piece): boolean {
    const before = stream.heldBytes;
    const grew = stream.add(sequence, bytes, start, end, at);
    this.#heldBytes += stream.heldBytes - before;
    return grew;
  }

  /** Where the stream of that direction begins: behind its SYN, or with this segment if that is not known. */
  #beginOf(flow: number, up: boolean, layers: Layers): number {
    if (!this.#isBeginKnown(flow, up)) return sequenceOfPayload(layers);
    return (this.#flows.words[flow * RECORD_WORDS + (up ? Word.CLIENT_ISN : Word.SERVER_ISN)]! + 1) | 0;
  }

  #isBeginKnown(flow: number, up: boolean): boolean {
    const { words } = this.#flows;
    const w = flow * RECORD_WORDS;
    return words[w + Word.DOWN_SYNS]! > 0 || (up && words[w + Word.UP_SYNS]! > 0);
  }

  /**
   * Reads the start of the client's stream, which is [start, end) so far.
   *
   * @param final no more will come
   * @param stream what holds it, if it did not come in one segment
   * @returns is the flow settled? Else more bytes are needed
   */
  #readStart(
    flow: number,
    layers: Layers,
    bytes: Uint8Array,
    start: number,
    end: number,
    final: boolean,
    at: number,
    stream?: StreamPrefix,
  ): boolean {
    if (mayBeTls(bytes, start, end)) {
      if (!this.#readHello(flow, bytes, start, end, final)) return false;
      this.#settle(flow);
      return true;
    }
    this.#settle(flow);
    const bitsAt = flow * RECORD_WORDS + Word.BITS;
    if ((this.#flows.words[bitsAt]! & FlowBit.PROXIED) !== 0) return true;
    if (mayBeHttpRequest(bytes, start, end)) {
      const pieces = stream === undefined ? [pieceOf(layers, bytes, at)] : piecesOf(stream, at);
      this.#http.begin(flow, layers, true, pieces);
      const tunnel = this.#streams.get(2 * flow);
      if (tunnel === undefined) return true;
      // A CONNECT was among the pieces, and its tunnel may be too.
      for (const piece of pieces) this.#add(tunnel, piece);
      if (tunnel.length > 0) this.#readStart(flow, layers, tunnel.bytes, 0, tunnel.length, final, at, tunnel);
      return true;
    }
    if (end > start) this.#sink.observer.spoke(flow, bytes, start, end);
    if (start === end || (!this.#isBeginKnown(flow, true) && !mayBeTlsRecord(bytes, start, end))) {
      this.#http.search(flow, stream === undefined ? [pieceOf(layers, bytes, at)] : piecesOf(stream, at));
    }
    return true;
  }

  /** Reads a ClientHello; false if more bytes are needed. */
  #readHello(flow: number, bytes: Uint8Array, start: number, end: number, final: boolean): boolean {
    const hello = decodeClientHello(bytes, start, end, this.#sink.interner, { final });
    if (hello.kind === 'need-more') return false;
    if (hello.kind === 'hello') noteHello(this.#sink, flow, hello);
    return true;
  }

  checkpoint() {
    return [...this.#streams].map(([key, stream]) => [key, stream.checkpoint()] as const);
  }

  restore(streams: ReturnType<FirstPayload['checkpoint']>): void {
    for (const [key, state] of streams) {
      const stream = StreamPrefix.restored(state);
      this.#streams.set(key, stream);
      this.#heldBytes += stream.heldBytes;
    }
  }

  #settle(flow: number): void {
    const bitsAt = flow * RECORD_WORDS + Word.BITS;
    this.#flows.words[bitsAt] = (this.#flows.words[bitsAt]! | FlowBit.SETTLED) & ~FlowBit.DNS_STREAM;
    if (this.#streams.size === 0) return;
    for (const key of [2 * flow, 2 * flow + 1]) {
      this.#heldBytes -= this.#streams.get(key)?.heldBytes ?? 0;
      this.#streams.delete(key);
    }
  }

  /** The flow ends, or cannot be followed further: what its stream holds is all there will be. */
  giveUp(flow: number): void {
    const bits = this.#flows.words[flow * RECORD_WORDS + Word.BITS]!;
    // What is settled has no stream any more.
    if ((bits & FlowBit.SETTLED) !== 0 || this.#streams.size === 0) return;
    const stream = this.#streams.get(2 * flow);
    this.#settle(flow);
    if (stream === undefined || (bits & FlowBit.DNS_STREAM) !== 0) return;
    if (mayBeTls(stream.bytes, 0, stream.length)) this.#readHello(flow, stream.bytes, 0, stream.length, true);
    else if ((bits & FlowBit.PROXIED) === 0) this.#http.search(flow, piecesOf(stream, Number.NaN));
  }
}
