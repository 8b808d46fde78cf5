/** The ClientHello of a QUIC connection, put together from CRYPTO frames in any order, over packets and datagrams (RFC 9001 4). */
import type { Interner } from '../kit/interner.ts';
import type { InitialFrames } from '../packet/quic-frames.ts';
import { type ClientHelloResult, decodeClientHelloMessage, MAX_HELLO_BYTES, NOT_TLS } from '../packet/tls-handshake.ts';
import { StreamPrefix } from './stream-prefix.ts';

export class QuicHello {
  /** Did the packet added last bring bytes that none before it had? */
  isNews = false;
  #stream: StreamPrefix | undefined;
  /** The end of what is held, gaps or not. */
  #end = 0;

  /** Bytes of memory for content. */
  get heldBytes(): number {
    return this.#stream?.heldBytes ?? 0;
  }

  /** Adds the CRYPTO frames of a packet; the hello, or 'need-more' if it is not whole yet. */
  add(frames: InitialFrames, payload: Uint8Array, interner: Interner): ClientHelloResult {
    const { pieces, offsets, starts, ends } = frames;
    this.isNews = false;
    // Many hellos stand in one frame: no stream is kept for those.
    if (this.#stream === undefined && pieces === 1 && offsets[0] === 0) {
      const result = decodeClientHelloMessage(payload, starts[0]!, ends[0]!, interner);
      if (result.kind !== 'need-more') {
        this.isNews = true;
        return result;
      }
    }
    this.#stream ??= new StreamPrefix(0, MAX_HELLO_BYTES);
    const stream = this.#stream;
    for (let i = 0; i < pieces; i++) {
      const end = offsets[i]! + ends[i]! - starts[i]!;
      if (end > MAX_HELLO_BYTES) return this.finish(interner);
      const grew = stream.add(offsets[i]!, payload, starts[i]!, ends[i]!);
      if (grew || end > this.#end) this.isNews = true;
      this.#end = Math.max(this.#end, end);
    }
    return stream.broken ? this.finish(interner) : decodeClientHelloMessage(stream.bytes, 0, stream.length, interner);
  }

  /** No more will come: what can be read without a gap from the start. */
  finish(interner: Interner): ClientHelloResult {
    const stream = this.#stream;
    if (stream === undefined) return NOT_TLS;
    return decodeClientHelloMessage(stream.bytes, 0, stream.length, interner, { final: true });
  }

  /** Another hello begins. */
  reset(): void {
    this.#stream = undefined;
    this.#end = 0;
  }

  checkpoint() {
    return { stream: this.#stream?.checkpoint(), end: this.#end };
  }

  static restored({ stream, end }: ReturnType<QuicHello['checkpoint']>): QuicHello {
    const hello = new QuicHello();
    hello.#stream = stream && StreamPrefix.restored(stream);
    hello.#end = end;
    return hello;
  }
}
