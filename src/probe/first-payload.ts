/** The first payload that a client sends over TCP: the server name of a ClientHello, the host of an HTTP/1 request. */
import { decodeHttpRequest, mayBeHttpRequest } from '../packet/http-request.ts';
import { type Layers, TcpFlag } from '../packet/layers.ts';
import { decodeClientHello, mayBeTls } from '../packet/tls-client-hello.ts';
import { MAX_HELLO_BYTES } from '../packet/tls-handshake.ts';
import { FlowBit, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';
import { type NameSink, noteHello } from './note-hello.ts';
import { StreamPrefix } from './stream-prefix.ts';

/** Streams that are put together at once, and the memory that they may take together. */
const MAX_STREAMS = 1 << 16;
const MAX_HELD_BYTES = 1 << 26;
/** The longest DNS message over TCP and its length are longer than the longest hello. */
const MAX_STREAM_BYTES = MAX_HELLO_BYTES + 2;

/** Sequence number of the first payload byte: a SYN, which may carry payload (RFC 7413), takes one itself. */
const sequenceOfPayload = ({ tcpSequence, tcpFlags }: Layers): number =>
  (tcpFlags & TcpFlag.SYN) !== 0 ? (tcpSequence + 1) | 0 : tcpSequence;

/** Keeps stream prefixes only for connections whose name, or DNS message, spans segments. */
export class FirstPayload {
  readonly #flows: FlowTable;
  readonly #sink: NameSink;
  /** By 2 * flow, and + 1 for the direction from the server. */
  readonly #streams = new Map<number, StreamPrefix>();
  #heldBytes = 0;

  constructor(sink: NameSink) {
    this.#flows = sink.flows;
    this.#sink = sink;
  }

  /** The segment in `layers`, with payload, from the client of a flow that is not settled. */
  read(flow: number, layers: Layers, bytes: Uint8Array): void {
    const { payloadStart, payloadEnd } = layers;
    const isCut = payloadEnd - payloadStart < layers.payloadBytes;
    const isFirst = !this.#streams.has(2 * flow) && this.#beginOf(flow, true, layers) === sequenceOfPayload(layers);
    // Most names stand whole in the first segment: no stream is kept for those.
    let done = isFirst ? this.#tryName(flow, bytes, payloadStart, payloadEnd, isCut) : 0;
    if (done < 0) return;
    const stream = this.follow(flow, true, layers, bytes);
    if (stream === undefined) return;
    const isFinal = isCut || stream.broken;
    if (!isFirst) done = this.#tryName(flow, stream.bytes, 0, stream.length, isFinal);
    if (done <= 0) return;
    stream.consume(done);
    if (stream.length > 0) this.#tryName(flow, stream.bytes, 0, stream.length, isFinal);
  }

  /** Adds a segment to its direction's stream; the stream if its contiguous part grew, or can grow no more. */
  follow(flow: number, up: boolean, layers: Layers, bytes: Uint8Array): StreamPrefix | undefined {
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
    const before = stream.heldBytes;
    const grew = stream.add(sequenceOfPayload(layers), bytes, layers.payloadStart, layers.payloadEnd);
    this.#heldBytes += stream.heldBytes - before;
    return grew || stream.broken ? stream : undefined;
  }

  /** Where the stream of that direction begins: behind its SYN, or with this segment if that is not known. */
  #beginOf(flow: number, up: boolean, layers: Layers): number {
    const { words } = this.#flows;
    const w = flow * RECORD_WORDS;
    const isKnown = words[w + Word.DOWN_SYNS]! > 0 || (up && words[w + Word.UP_SYNS]! > 0);
    return isKnown ? (words[w + (up ? Word.CLIENT_ISN : Word.SERVER_ISN)]! + 1) | 0 : sequenceOfPayload(layers);
  }

  /**
   * Reads a name off the start of the client's stream.
   *
   * @param final no more will come
   * @returns -1 if the flow is settled, else how many bytes are done with: more are needed behind them
   */
  #tryName(flow: number, bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const { words } = this.#flows;
    const w = flow * RECORD_WORDS;
    if (mayBeTls(bytes, start, end)) {
      const hello = decodeClientHello(bytes, start, end, { final });
      if (hello.kind === 'need-more') return 0;
      if (hello.kind === 'hello') noteHello(this.#sink, flow, hello);
    } else if (mayBeHttpRequest(bytes, start, end)) {
      const request = decodeHttpRequest(bytes, start, end, { final });
      if (request.kind === 'need-more') return 0;
      if (request.kind === 'request' && (words[w + Word.BITS]! & FlowBit.PROXIED) === 0) {
        if (request.host !== '') {
          const name = this.#sink.interner.code(request.host);
          words[w + Word.HTTP_HOST] = name;
          this.#sink.observer.named(flow, 'http', name);
        }
        if (request.userAgent !== '')
          this.#sink.observer.identified(flow, 'user-agent', this.#sink.interner.code(request.userAgent));
        // A proxy's CONNECT is followed by what the tunnel carries.
        if (request.method === 'CONNECT' && request.complete && !final) {
          words[w + Word.BITS]! |= FlowBit.PROXIED;
          return request.headBytes;
        }
      }
    }
    this.#settle(flow);
    return -1;
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
    if (this.#streams.size === 0) return;
    const stream = this.#streams.get(2 * flow);
    const bits = this.#flows.words[flow * RECORD_WORDS + Word.BITS]!;
    if (stream !== undefined && (bits & (FlowBit.SETTLED | FlowBit.DNS_STREAM)) === 0) {
      this.#tryName(flow, stream.bytes, 0, stream.length, true);
    } else this.#settle(flow);
  }
}
