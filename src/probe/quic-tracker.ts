/** The handshakes of QUIC: server names from Initial packets, versions, and round-trip times (RFC 9000, RFC 9001). */
import { decodeGoogleHello, decodePublicHeader, decodeQ046, type GoogleHello } from '../packet/google-quic.ts';
import { IpProtocol, type Layers } from '../packet/layers.ts';
import { InitialFrames } from '../packet/quic-frames.ts';
import { isLongHeader, isShortHeader, QuicHeader, QuicPacket } from '../packet/quic-header.ts';
import type { ClientHelloResult } from '../packet/tls-handshake.ts';
import { Allowance } from './allowance.ts';
import { FlowBit, RECORD_WORDS, Word } from './flow-record.ts';
import { type NameSink, noteHello, noteServerName } from './note-hello.ts';
import { QuicConnectionIds } from './quic-connection-ids.ts';
import { QuicHandshake } from './quic-handshake.ts';
import { readSpin, SPIN_TURNED_DOWN } from './quic-spin.ts';
import { addRtt } from './rtt.ts';

/** A client chooses its first destination of so many bytes or more (RFC 9000 7.2). */
const MIN_FIRST_DESTINATION_BYTES = 8;
/** Handshakes that are followed at once, and the memory that their hellos may take together. */
const MAX_HANDSHAKES = 1 << 15;
const MAX_HELD_BYTES = 1 << 26;
/** Datagrams of a handshake after which what is not known by then is given up. */
const MAX_DATAGRAMS = 64;
/** Packets read of a datagram; each belongs to another level of protection (RFC 9000 12.2), of which there are four. */
const MAX_COALESCED = 8;
/** Packets that could not be opened: of one handshake, and in a second of all, which costs a tenth of it. */
const MAX_FAILURES = 4;
const FAILURES_PER_SECOND = 4000;

const MAX_RTT_US = 0x7fff_ffff;

/**
 * Round-trip times at the vantage: from the first Initial packet of the end that began to the first answer, if no
 * Initial packet came between them that brought nothing new; and from the first answer to the first datagram that shows
 * that it arrived: with a Handshake packet, an acknowledgement, or, after Retry and version negotiation, a new start.
 */
export class QuicTracker {
  readonly #sink: NameSink;
  /** By flow; the oldest first. */
  readonly #handshakes = new Map<number, QuicHandshake>();
  readonly #ids = new QuicConnectionIds();
  readonly #header = new QuicHeader();
  readonly #frames = new InitialFrames();
  readonly #allowance = new Allowance(FAILURES_PER_SECOND);
  #heldBytes = 0;

  constructor(sink: NameSink) {
    this.#sink = sink;
  }

  /** The datagram in `layers`, with payload, of a flow that is not settled. */
  read(flow: number, layers: Layers, bytes: Uint8Array, up: boolean, at: number): void {
    const { payloadStart, payloadEnd, payloadBytes } = layers;
    if (payloadStart === payloadEnd) return;
    const first = bytes[payloadStart]!;
    const wireEnd = payloadStart + payloadBytes;
    const isLong = isLongHeader(first) && this.#header.decode(bytes, payloadStart, payloadEnd, wireEnd);
    const handshake = this.#handshakes.get(flow) ?? (isLong ? this.#begin(flow, up) : undefined);
    if (handshake === undefined) {
      if (up && isShortHeader(first)) this.#rebind(flow, bytes, payloadStart + 1, payloadEnd);
      else if (!isLong) this.#readPublicHeader(flow, bytes, payloadStart, payloadEnd);
      this.#settle(flow);
      return;
    }
    if (isLong && up === handshake.beganUp) this.#readBeginner(flow, handshake, layers, bytes, at);
    else if (isLong) this.#readAnswer(flow, handshake, at);
    else if (isShortHeader(first)) {
      readSpin(this.#sink.flows, flow, first, up, at);
      // The final keys are in use: the handshake is past what could be timed.
      if (up === handshake.beganUp) handshake.isTimed = true;
    }
    const isDone = handshake.isRead && handshake.isTimed;
    const isHopeless = ++handshake.datagrams === MAX_DATAGRAMS || handshake.failures >= MAX_FAILURES;
    if (isDone || isHopeless) this.giveUp(flow);
  }

  /** A datagram of a flow of QUIC whose handshake is over. Part of the fast path. */
  readSettled(flow: number, { payloadStart, payloadEnd }: Layers, bytes: Uint8Array, up: boolean, at: number): void {
    if (payloadStart === payloadEnd) return;
    const first = bytes[payloadStart]!;
    if (isShortHeader(first)) readSpin(this.#sink.flows, flow, first, up, at);
  }

  /** The first packet of a flow, its header decoded: a handshake if it begins one; else what else can be told is noted. */
  #begin(flow: number, up: boolean): QuicHandshake | undefined {
    const { version, type, destinationBytes } = this.#header;
    if (version === undefined) return undefined;
    const isFirst =
      type === QuicPacket.ZERO_RTT || (type === QuicPacket.INITIAL && destinationBytes >= MIN_FIRST_DESTINATION_BYTES);
    const beganUp = isFirst || type === QuicPacket.HANDSHAKE ? up : !up;
    this.#noteVersion(flow, version.name);
    const { words } = this.#sink.flows;
    const w = flow * RECORD_WORDS;
    if (version.frames === 'ietf') words[w + Word.BITS]! |= FlowBit.QUIC;
    if (!beganUp) words[w + Word.SPIN]! |= SPIN_TURNED_DOWN;
    if (!isFirst) return undefined;
    if (this.#handshakes.size === MAX_HANDSHAKES) this.#giveUpOldest();
    const handshake = new QuicHandshake(up);
    this.#handshakes.set(flow, handshake);
    return handshake;
  }

  /** A flow that begins under the final keys goes on with what its connection was under another address or port of the client. */
  #rebind(flow: number, bytes: Uint8Array, idAt: number, end: number): void {
    const before = this.#ids.find(bytes, idAt, end);
    if (before === undefined) return;
    const { words } = this.#sink.flows;
    const w = flow * RECORD_WORDS;
    const from = before * RECORD_WORDS;
    const isSameServer =
      words[w + Word.SERVER] === words[from + Word.SERVER] &&
      (words[w + Word.PORTS]! & 0xffff) === (words[from + Word.PORTS]! & 0xffff);
    if (!isSameServer) return;
    words[w + Word.BITS]! |= words[from + Word.BITS]! & (FlowBit.QUIC | FlowBit.HELLO | FlowBit.ECH_OFFERED);
    words[w + Word.QUIC_VERSION] = words[from + Word.QUIC_VERSION]!;
    words[w + Word.ALPN] = words[from + Word.ALPN]!;
    noteServerName(this.#sink, flow, words[from + Word.SNI]!);
    this.#ids.pass(before, flow);
  }

  #noteVersion(flow: number, name: string): void {
    this.#sink.flows.words[flow * RECORD_WORDS + Word.QUIC_VERSION] = this.#sink.interner.code(name);
  }

  /** Google's QUIC had a header of its own before it had long and short ones. */
  #readPublicHeader(flow: number, bytes: Uint8Array, start: number, end: number): void {
    const hello = decodePublicHeader(bytes, start, end);
    if (hello === undefined) return;
    this.#noteVersion(flow, hello.version);
    noteServerName(this.#sink, flow, this.#sink.interner.code(hello.sni));
  }

  /** A datagram, its first header decoded, of the end that answers. */
  #readAnswer(flow: number, handshake: QuicHandshake, at: number): void {
    if (!Number.isNaN(handshake.answeredAt)) return;
    const { type } = this.#header;
    handshake.answeredAt = at;
    handshake.beginsAnew = type === QuicPacket.RETRY || type === QuicPacket.VERSION_NEGOTIATION;
    // Another version begins with another hello.
    if (type === QuicPacket.VERSION_NEGOTIATION) {
      this.#heldBytes -= handshake.hello.heldBytes;
      handshake.hello.reset();
    }
    if (!handshake.isRepeated) this.#noteRtt(flow, handshake.beganUp, at - handshake.beganAt);
  }

  /** A datagram of the end that began. */
  #readBeginner(flow: number, handshake: QuicHandshake, layers: Layers, bytes: Uint8Array, at: number): void {
    const header = this.#header;
    const { payloadStart, payloadEnd, payloadBytes } = layers;
    const wireEnd = payloadStart + payloadBytes;
    const isAnswered = !Number.isNaN(handshake.answeredAt);
    let isInitial = false;
    let isNews = false;
    let arrived = false;
    let next = payloadStart;
    let idAt = 0;
    let idBytes = 0;
    for (let i = 0; i < MAX_COALESCED && header.decode(bytes, next, payloadEnd, wireEnd); i++) {
      const packetAt = next;
      next = header.end;
      idAt = header.destinationAt;
      idBytes = header.destinationBytes;
      if (header.type === QuicPacket.HANDSHAKE) arrived = true;
      if (header.type !== QuicPacket.INITIAL) continue;
      // Before a Handshake packet in the same datagram it need not be opened to know that it answers.
      const isLast = next >= payloadEnd || !isLongHeader(bytes[next]!);
      const mayAnswer = isAnswered && !handshake.isTimed && !handshake.beginsAnew && isLast;
      const isClear = header.version?.salt === undefined;
      if (isClear) this.#noteGoogle(flow, handshake, decodeQ046(bytes, bytes[packetAt]!, header.numberAt, payloadEnd));
      if (isClear || next > payloadEnd || (handshake.isRead && !mayAnswer)) isInitial = true;
      else if (this.#open(flow, handshake, bytes, packetAt, at)) {
        isInitial = true;
        isNews ||= handshake.hello.isNews;
        arrived ||= this.#frames.acknowledges;
      }
    }
    if (isAnswered) {
      // By now the client uses what the server chose.
      if (arrived && handshake.beganUp) this.#ids.learn(flow, bytes, idAt, idBytes);
      if (handshake.beginsAnew) arrived = isInitial;
      if (arrived && !handshake.isTimed) this.#noteRtt(flow, !handshake.beganUp, at - handshake.answeredAt);
      // An Initial packet that answers nothing was sent before the answer arrived, or the answer was lost.
      if (arrived || isInitial) handshake.isTimed = true;
    } else if (isInitial) {
      if (Number.isNaN(handshake.beganAt)) handshake.beganAt = at;
      else if (!isNews) handshake.isRepeated = true;
    }
  }

  /** Opens the Initial packet whose header is decoded, and reads of its hello what is not read yet. */
  #open(flow: number, handshake: QuicHandshake, bytes: Uint8Array, packetAt: number, at: number): boolean {
    const frames = this.#frames;
    const version = this.#header.version!;
    if (!this.#allowance.has(at)) return false;
    const payload = handshake.opener.open(bytes, packetAt, this.#header);
    if (payload === undefined || !frames.decode(payload, version.frames)) {
      this.#allowance.take();
      handshake.failures++;
      return false;
    }
    if (version.handshake === 'tls') this.#readHello(flow, handshake, payload);
    else {
      for (let i = 0; i < frames.pieces; i++) {
        this.#noteGoogle(flow, handshake, decodeGoogleHello(payload, frames.starts[i]!, frames.ends[i]!));
      }
    }
    return true;
  }

  #readHello(flow: number, handshake: QuicHandshake, payload: Uint8Array): void {
    if (handshake.isRead) return;
    const { hello } = handshake;
    const heldBefore = hello.heldBytes;
    const result = hello.add(this.#frames, payload, this.#sink.interner);
    if (result.kind !== 'need-more') this.#endHello(flow, handshake, result);
    this.#heldBytes += hello.heldBytes - heldBefore;
    while (this.#heldBytes > MAX_HELD_BYTES) this.#giveUpOldest();
  }

  #endHello(flow: number, handshake: QuicHandshake, result: ClientHelloResult): void {
    if (result.kind === 'hello') noteHello(this.#sink, flow, result);
    handshake.isRead = true;
    handshake.hello.reset();
  }

  #noteGoogle(flow: number, handshake: QuicHandshake, hello: GoogleHello | undefined): void {
    if (hello === undefined || handshake.isRead) return;
    noteServerName(this.#sink, flow, this.#sink.interner.code(hello.sni));
    handshake.isRead = true;
  }

  /** @param ofServer of the path between vantage and the flow's server; else to its client */
  #noteRtt(flow: number, ofServer: boolean, us: number): void {
    if (!(us >= 0 && us <= MAX_RTT_US)) return;
    const { words } = this.#sink.flows;
    const w = flow * RECORD_WORDS;
    words[w + (ofServer ? Word.SERVER_RTT : Word.CLIENT_RTT)] = us;
    addRtt(this.#sink.flows, flow, ofServer, us);
    if (ofServer) words[w + Word.BITS]! |= FlowBit.RTT_THIS_MINUTE;
  }

  #giveUpOldest(): void {
    for (const flow of this.#handshakes.keys()) {
      this.giveUp(flow);
      return;
    }
  }

  /** The flow ends. */
  end(flow: number): void {
    const { flows } = this.#sink;
    // What is held here is of flows whose version was noted; TCP has another use for that word.
    if (flows.protocol(flow) !== IpProtocol.UDP || flows.words[flow * RECORD_WORDS + Word.QUIC_VERSION] === 0) return;
    this.giveUp(flow);
    this.#ids.forget(flow);
  }

  /** Nothing more is to be learned: what is held of the hello is all there will be. */
  giveUp(flow: number): void {
    const handshake = this.#handshakes.get(flow);
    if (handshake === undefined) return;
    this.#handshakes.delete(flow);
    this.#heldBytes -= handshake.hello.heldBytes;
    if (!handshake.isRead) this.#endHello(flow, handshake, handshake.hello.finish(this.#sink.interner));
    this.#settle(flow);
  }

  #settle(flow: number): void {
    this.#sink.flows.words[flow * RECORD_WORDS + Word.BITS]! |= FlowBit.SETTLED;
  }

  checkpoint() {
    return {
      handshakes: [...this.#handshakes].map(([flow, handshake]) => [flow, handshake.checkpoint()] as const),
      ids: this.#ids.checkpoint(),
      allowance: this.#allowance.checkpoint(),
    };
  }

  restore({ handshakes, ids, allowance }: ReturnType<QuicTracker['checkpoint']>): void {
    for (const [flow, state] of handshakes) {
      const handshake = QuicHandshake.restored(state);
      this.#handshakes.set(flow, handshake);
      this.#heldBytes += handshake.hello.heldBytes;
    }
    this.#ids.restore(ids);
    this.#allowance.restore(allowance);
  }
}
