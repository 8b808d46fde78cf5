/** The first payload that a client sends over TCP: the server name of a ClientHello, the host of an HTTP/1 request. */
import type { Interner } from '../kit/interner.ts';
import { decodeHttpRequest, mayBeHttpRequest } from '../packet/http-request.ts';
import type { Layers } from '../packet/layers.ts';
import { decodeClientHello, mayBeTls } from '../packet/tls-client-hello.ts';
import { MAX_HELLO_BYTES } from '../packet/tls-handshake.ts';
import { FlowBit, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';
import type { ProbeObserver } from './observer.ts';
import { StreamPrefix } from './stream-prefix.ts';

/** Connections whose start is put together at once; one more is read from its first segment alone. */
const MAX_STREAMS = 1 << 16;

/** Keeps stream prefixes only for connections whose name, or DNS message, spans segments. */
export class FirstPayload {
  readonly #flows: FlowTable;
  readonly #interner: Interner;
  readonly #observer: ProbeObserver;
  /** By 2 * flow, and + 1 for the direction from the server. */
  readonly #streams = new Map<number, StreamPrefix>();

  constructor(flows: FlowTable, interner: Interner, observer: ProbeObserver) {
    this.#flows = flows;
    this.#interner = interner;
    this.#observer = observer;
  }

  /** The segment in `layers`, with payload, from the client of a flow that is not settled. */
  read(flow: number, layers: Layers, bytes: Uint8Array): void {
    const { payloadStart, payloadEnd } = layers;
    const isCut = payloadEnd - payloadStart < layers.payloadBytes;
    // Most names stand whole in the first segment: no stream is kept for those.
    if (!this.#streams.has(2 * flow) && this.#sequenceOf(flow, true, layers) === layers.tcpSequence) {
      const headBytes = this.#tryName(flow, bytes, payloadStart, payloadEnd, isCut);
      if (headBytes < 0) return;
      // A proxy's CONNECT is followed by what the tunnel carries.
      const rest = new StreamPrefix((layers.tcpSequence + headBytes) | 0, MAX_HELLO_BYTES);
      if (this.#streams.size === MAX_STREAMS) this.#settle(flow);
      else this.#streams.set(2 * flow, rest);
      if (payloadStart + headBytes === payloadEnd) return;
    }
    const stream = this.follow(flow, true, layers, bytes);
    if (stream === undefined) return;
    const headBytes = this.#tryName(flow, stream.bytes, 0, stream.length, isCut || stream.broken);
    if (headBytes > 0) stream.consume(headBytes);
  }

  /** Adds a segment to its direction's stream; the stream if its contiguous part grew. */
  follow(flow: number, up: boolean, layers: Layers, bytes: Uint8Array): StreamPrefix | undefined {
    const key = up ? 2 * flow : 2 * flow + 1;
    let stream = this.#streams.get(key);
    if (stream === undefined) {
      if (this.#streams.size === MAX_STREAMS) return undefined;
      stream = new StreamPrefix(this.#sequenceOf(flow, up, layers), MAX_HELLO_BYTES + 2);
      this.#streams.set(key, stream);
    }
    return stream.add(layers.tcpSequence, bytes, layers.payloadStart, layers.payloadEnd) ? stream : undefined;
  }

  /** Where the stream of that direction begins: behind its SYN, or with this segment if that was not seen. */
  #sequenceOf(flow: number, up: boolean, layers: Layers): number {
    const { words } = this.#flows;
    const w = flow * RECORD_WORDS;
    if (words[w + (up ? Word.UP_SYNS : Word.DOWN_SYNS)] === 0) return layers.tcpSequence;
    // A SYN with data (TCP Fast Open) counts one itself.
    return (words[w + (up ? Word.CLIENT_ISN : Word.SERVER_ISN)]! + 1) | 0;
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
      if (hello.kind === 'hello') {
        words[w + Word.BITS]! |= FlowBit.HELLO | (hello.echOffered ? FlowBit.ECH_OFFERED : 0);
        words[w + Word.ALPN] = this.#interner.code(hello.alpn.join(','));
        if (hello.sni !== '') {
          const name = this.#interner.code(hello.sni);
          words[w + Word.SNI] = name;
          this.#observer.named(flow, 'sni', name);
        }
      }
    } else if (mayBeHttpRequest(bytes, start, end)) {
      const request = decodeHttpRequest(bytes, start, end, { final });
      if (request.kind === 'need-more') return 0;
      if (request.kind === 'request') {
        if (request.host !== '') {
          const name = this.#interner.code(request.host);
          words[w + Word.HTTP_HOST] = name;
          this.#observer.named(flow, 'http', name);
        }
        if (request.method === 'CONNECT' && request.complete && !final) return request.headBytes;
      }
    }
    this.#settle(flow);
    return -1;
  }

  #settle(flow: number): void {
    this.#flows.words[flow * RECORD_WORDS + Word.BITS]! |= FlowBit.SETTLED;
    this.#streams.delete(2 * flow);
  }

  /** The flow ends: what its stream holds is all there will be. */
  giveUp(flow: number): void {
    if (this.#streams.size === 0) return;
    const stream = this.#streams.get(2 * flow);
    const bits = this.#flows.words[flow * RECORD_WORDS + Word.BITS]!;
    if (stream !== undefined && (bits & (FlowBit.SETTLED | FlowBit.DNS_STREAM)) === 0) {
      this.#tryName(flow, stream.bytes, 0, stream.length, true);
    }
    this.#streams.delete(2 * flow);
    this.#streams.delete(2 * flow + 1);
  }
}
