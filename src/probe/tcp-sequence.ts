/** Sequence numbers of TCP segments: payload counted once, retransmission, reordering, round-trip times (RFC 9293 3.4, RFC 6298 3). */
import { type Layers, TcpFlag } from '../packet/layers.ts';
import { FlowBit, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';
import { addRtt } from './rtt.ts';
import { distance } from './sequence.ts';
import { type TcpTroubles, Trouble } from './tcp-troubles.ts';

/**
 * A segment that fills a gap later than one round trip after the gap showed answers a loss; earlier it was overtaken on
 * its way. This stands for the round trip of a handshake that was not seen.
 */
const UNKNOWN_RTT_US = 3000;

/** SYN, FIN and RST segments are neither keep-alives nor do their windows say that a buffer is full. */
const CONTROL = TcpFlag.SYN | TcpFlag.FIN | TcpFlag.RST;

export class TcpSequence {
  /** Of the segment read last: payload bytes not seen before, */
  newBytes = 0;
  /** the round-trip time that its acknowledgement told, microseconds, -1 for none, */
  rttUs = -1;
  /** and whether it is a keep-alive (RFC 9293 3.8.4), whose one byte of payload, if it has one, is no data. */
  isKeepalive = false;

  readonly #flows: FlowTable;
  readonly #troubles: TcpTroubles;

  constructor(flows: FlowTable, troubles: TcpTroubles) {
    this.#flows = flows;
    this.#troubles = troubles;
  }

  /** Reads the segment in `layers`. Part of the fast path: most segments carry data in order, or acknowledge it. */
  read(flow: number, layers: Layers, up: boolean, at: number): void {
    const { words } = this.#flows;
    const w = flow * RECORD_WORDS;
    const { tcpFlags: flags, tcpSequence: sequence, payloadBytes } = layers;
    const side = up ? 0 : 1;
    let bits = words[w + Word.BITS]!;
    this.newBytes = payloadBytes;
    this.rttUs = -1;
    this.isKeepalive = false;

    const timedBack = up ? FlowBit.DOWN_TIMED : FlowBit.UP_TIMED;
    if ((bits & timedBack) !== 0 && (flags & (TcpFlag.ACK | TcpFlag.RST)) === TcpFlag.ACK) {
      if (distance(words[w + Word.UP_TIMED_END + 1 - side]!, layers.tcpAcknowledgement) >= 0) {
        words[w + Word.BITS] = bits &= ~timedBack;
        this.rttUs = ((at | 0) - words[w + Word.UP_TIMED_AT + 1 - side]!) | 0;
        addRtt(this.#flows, flow, !up, this.rttUs);
      }
    }

    const next = w + Word.UP_NEXT + side;
    const isSyn = (flags & TcpFlag.SYN) !== 0;
    if ((bits & (up ? FlowBit.UP_SEEN : FlowBit.DOWN_SEEN)) === 0) {
      words[next] = (sequence + payloadBytes + (isSyn ? 1 : 0)) | 0;
      words[w + Word.BITS] = bits | (up ? FlowBit.UP_SEEN : FlowBit.DOWN_SEEN);
      if (isSyn) this.#time(w, up, (sequence + 1) | 0, at);
      return;
    }
    if (isSyn) {
      this.#repeatSyn(w, layers, up, next);
      return;
    }
    const ahead = distance(words[next]!, sequence);
    if (payloadBytes === 0) {
      if (ahead === -1 && (flags & CONTROL) === 0) this.#keepalive(w, side);
      // A FIN takes a sequence number of its own.
      else if (ahead === 0 && (flags & TcpFlag.FIN) !== 0) words[next] = (sequence + 1) | 0;
    } else if (ahead === 0) {
      const end = (sequence + payloadBytes) | 0;
      words[next] = (flags & TcpFlag.FIN) === 0 ? end : (end + 1) | 0;
      if ((bits & (up ? FlowBit.UP_TIMED : FlowBit.DOWN_TIMED)) === 0 && !this.#hasGap(w, side)) {
        this.#time(w, up, end, at);
      }
    } else this.#outOfOrder(w, layers, up, ahead, at);
    if (layers.tcpWindow === 0 && (flags & CONTROL) === 0) this.#count(w, Trouble.UP_ZERO_WINDOWS + side);
  }

  /** One segment a direction waits for its acknowledgement at a time. */
  #time(w: number, up: boolean, end: number, at: number): void {
    const { words } = this.#flows;
    const side = up ? 0 : 1;
    words[w + Word.UP_TIMED_END + side] = end;
    words[w + Word.UP_TIMED_AT + side] = at | 0;
    words[w + Word.BITS]! |= up ? FlowBit.UP_TIMED : FlowBit.DOWN_TIMED;
  }

  /** Karn's rule: an acknowledgement of what was sent twice may be of either. */
  #untime(w: number, up: boolean): void {
    this.#flows.words[w + Word.BITS]! &= ~(up ? FlowBit.UP_TIMED : FlowBit.DOWN_TIMED);
  }

  /** A second SYN of the direction, or one after data whose beginning was not seen. */
  #repeatSyn(w: number, layers: Layers, up: boolean, next: number): void {
    const { words } = this.#flows;
    const start = (layers.tcpSequence + 1) | 0;
    this.#untime(w, up);
    const isSame = distance(words[next]!, start) <= 0;
    if (isSame || (!up && this.#isForgotten(w, layers))) this.newBytes = 0;
    else words[next] = (start + layers.payloadBytes) | 0;
  }

  /** A server may answer a repeated SYN with other numbers; a client that has gone on with the first ones never takes them. */
  #isForgotten(w: number, { tcpAcknowledgement }: Layers): boolean {
    const { words } = this.#flows;
    return (words[w + Word.BITS]! & FlowBit.UP_SEEN) !== 0 && tcpAcknowledgement !== words[w + Word.UP_NEXT];
  }

  #hasGap(w: number, side: number): boolean {
    const record = this.#flows.words[w + Word.TROUBLES]!;
    return record !== 0 && this.#troubles.read(record, Trouble.UP_GAPS + side) !== 0;
  }

  #count(w: number, field: number): void {
    this.#troubles.count(this.#recordOf(w), field);
  }

  #recordOf(w: number): number {
    const { words } = this.#flows;
    if (words[w + Word.TROUBLES] === 0) words[w + Word.TROUBLES] = this.#troubles.add();
    return words[w + Word.TROUBLES]!;
  }

  #keepalive(w: number, side: number): void {
    this.isKeepalive = true;
    this.newBytes = 0;
    this.#count(w, Trouble.UP_KEEPALIVES + side);
  }

  /** A segment with payload that does not begin where the one before it ended. */
  #outOfOrder(w: number, layers: Layers, up: boolean, ahead: number, at: number): void {
    const { words } = this.#flows;
    const { tcpFlags: flags, tcpSequence: sequence, payloadBytes } = layers;
    const side = up ? 0 : 1;
    const next = w + Word.UP_NEXT + side;
    if (ahead === -1 && payloadBytes === 1 && (flags & CONTROL) === 0) {
      this.#keepalive(w, side);
      return;
    }
    const record = this.#recordOf(w);
    const end = (sequence + payloadBytes) | 0;
    const highest = words[next]!;
    const beyond = distance(highest, end);
    if (beyond > 0) words[next] = end;
    if (ahead > 0) {
      this.#troubles.open(record, Trouble.UP_GAPS + side, highest, sequence, at);
      return;
    }
    this.#troubles.fill(record, Trouble.UP_GAPS + side, sequence, beyond > 0 ? highest : end);
    const { filledBytes, filledSince } = this.#troubles;
    this.newBytes = filledBytes + Math.max(beyond, 0);
    if (distance(words[w + Word.UP_TIMED_END + side]!, sequence) < 0) this.#untime(w, up);
    const isOvertaken = filledBytes === payloadBytes && (((at | 0) - filledSince) | 0) < this.#handshakeUs(w);
    this.#count(w, (isOvertaken ? Trouble.UP_REORDERED : Trouble.UP_RETRANSMITS) + side);
  }

  /** Round trip of the whole path. */
  #handshakeUs(w: number): number {
    const { words } = this.#flows;
    const server = words[w + Word.SERVER_RTT]!;
    const client = words[w + Word.CLIENT_RTT]!;
    return server < 0 || client < 0 ? UNKNOWN_RTT_US : server + client;
  }
}
