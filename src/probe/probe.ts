/** Packets to flows: the fast path. One call a packet, no object, string or closure for it. */
import type { Interner } from '../kit/interner.ts';
import { DAY, MINUTE, SECOND } from '../kit/time.ts';
import { WordLists } from '../kit/word-lists.ts';
import { wordAt } from '../packet/address.ts';
import type { AddressSet } from '../packet/address-set.ts';
import type { AddressTable } from '../packet/address-table.ts';
import { Fragments } from '../packet/fragments.ts';
import { FrameReason, frameReasons } from '../packet/frame-reason.ts';
import type { FrameSink } from '../packet/frame-sink.ts';
import { IpProtocol, Layers, TcpFlag } from '../packet/layers.ts';
import type { SessionFeed } from '../packet/session-feed.ts';
import { SynSignatures } from '../packet/syn-signature.ts';
import { isInGtp } from '../packet/tunnel.ts';
import type { MeasuredFlow } from '../tickets/measured-flow.ts';
import { ActiveFlows } from './active-flows.ts';
import { DnsTracker, isDnsPort, PORT_DNS } from './dns-tracker.ts';
import { ExpiryWheel } from './expiry-wheel.ts';
import { FirstPayload } from './first-payload.ts';
import { FlowIdHash } from './flow-id-hash.ts';
import { Double, envelope, FlowBit, keyBits, NO_PAYLOAD, RECORD_DOUBLES, RECORD_WORDS, Word } from './flow-record.ts';
import { FlowTable } from './flow-table.ts';
import { HttpTracker } from './http-tracker.ts';
import type { EndReason, ProbeObserver } from './observer.ts';
import { lastPayloadAt, PayloadClock } from './payload-clock.ts';
import { QuicTracker } from './quic-tracker.ts';
import { isControl, SessionTracker } from './session-tracker.ts';
import { isMinuteFull, readTcpControl } from './tcp-control.ts';
import { TcpSequence } from './tcp-sequence.ts';
import { TcpTroubles } from './tcp-troubles.ts';

export interface ProbeOptions {
  /** Silences after which a flow is over, microseconds of packet time. */
  readonly tcpIdleUs: number;
  readonly udpIdleUs: number;
  /** The same for a TCP connection of which only the client's SYN was seen. */
  readonly synIdleUs: number;
  /** The silence, microseconds, that ends a burst of payload inside a flow. */
  readonly burstIdleUs: number;
  /** Live flows at once; beyond that the one due soonest is evicted. */
  readonly maxFlows: number;
  /** UDP ports that carry GTP's user plane; its own if not given. */
  readonly gtpPorts?: readonly number[];
  /** Tells the client of a flow whose start was not seen. */
  readonly localNets: AddressSet;
  /** Sessions of subscribers that somebody else has recorded. */
  readonly sessionFeed?: SessionFeed;
  readonly vantage: string;
  /** At least 8 bytes: keys the second half of flow ids. */
  readonly flowIdKey: Uint8Array;
  /** Are queries kept in the paths of HTTP requests? They hold secrets. */
  readonly keepQuery: boolean;
}

/** Zeek waits as long for late packets of a closed connection. */
const CLOSED_IDLE_US = 5 * SECOND;
const FIRST_UNPRIVILEGED_PORT = 1024;
/** A packet that is further ahead of all before it than this must not move packet time alone: its clock may be broken. */
const MAX_LEAP_US = DAY;

export class Probe implements FrameSink {
  readonly flows: FlowTable;
  readonly troubles = new TcpTroubles();
  readonly dns: DnsTracker;
  readonly http: HttpTracker;
  readonly sessions: SessionTracker;
  readonly interner: Interner;
  /** Of `Word.ALPN`. */
  readonly alpnLists: WordLists;
  readonly addresses: AddressTable;
  /** Largest packet time so far, UTC microseconds; NaN before the first packet. One packet alone does not set it a day ahead. */
  clock = Number.NaN;
  packets = 0;
  /** Frames by `frameReasons`. */
  readonly reasons = new Float64Array(frameReasons.length);

  readonly #options: ProbeOptions;
  readonly #observer: ProbeObserver;
  readonly #layers: Layers;
  readonly #fragments = new Fragments();
  readonly #wheel: ExpiryWheel;
  readonly #active: ActiveFlows;
  readonly #firstPayload: FirstPayload;
  readonly #quic: QuicTracker;
  readonly #synSignatures: SynSignatures;
  readonly #idHash: FlowIdHash;
  readonly #sequence: TcpSequence;
  readonly #payload: PayloadClock;
  readonly #shortestIdleUs: number;
  #minuteAt = Number.NaN;
  #nextTickAt = Number.NEGATIVE_INFINITY;
  /** Which packet, by number, was the last to be too far ahead. */
  #leapingPacket = Number.NaN;
  readonly #dueAt = (flow: number): number =>
    this.flows.doubles[flow * RECORD_DOUBLES + Double.ENDED_AT]! + this.#idleUs(flow);
  readonly #onDue = (flow: number): void => {
    const dueAt = this.#dueAt(flow);
    // A silence of just the time-out does not end a flow, whether the wheel or the next packet measures it.
    if (this.clock <= dueAt) this.#wheel.schedule(flow, dueAt);
    else this.#end(flow, this.#endReason(flow, 'idle'));
  };

  constructor(options: ProbeOptions, interner: Interner, addresses: AddressTable, observer: ProbeObserver) {
    this.#options = options;
    this.#observer = observer;
    this.interner = interner;
    this.alpnLists = new WordLists(interner);
    this.addresses = addresses;
    this.#layers = new Layers(options.gtpPorts);
    this.flows = new FlowTable(options.maxFlows);
    this.dns = new DnsTracker(addresses, interner, observer);
    this.sessions = new SessionTracker(addresses, observer, options.sessionFeed);
    this.#wheel = new ExpiryWheel(this.flows);
    this.#active = new ActiveFlows(this.flows);
    const names = { flows: this.flows, interner, observer };
    this.http = new HttpTracker(names, options.keepQuery, (flow, sequence) =>
      this.#firstPayload.tunnelled(flow, sequence),
    );
    this.#firstPayload = new FirstPayload(names, this.http);
    this.#quic = new QuicTracker(names);
    this.#synSignatures = new SynSignatures(interner);
    this.#idHash = new FlowIdHash(options.flowIdKey, options.vantage, addresses);
    this.#sequence = new TcpSequence(this.flows, this.troubles);
    this.#payload = new PayloadClock(this.flows, options.burstIdleUs, (flow) => this.#burst(flow));
    this.#shortestIdleUs = Math.min(CLOSED_IDLE_US, options.tcpIdleUs, options.udpIdleUs, options.synIdleUs);
  }

  frame(bytes: Uint8Array, start: number, captured: number, original: number, at: number, linkType: number): void {
    this.packets++;
    if (!(at <= this.clock)) {
      if (at < this.#nextTickAt) this.clock = at;
      else this.#tick(at);
    }
    let reason = this.#layers.decode(bytes, start, captured, original, linkType);
    if (reason === FrameReason.IP_FRAGMENT) reason = this.#fragments.read(this.#layers, at);
    this.reasons[reason]!++;
    if (reason === FrameReason.OK) this.#packet(at);
    else if (reason === FrameReason.IP_FRAGMENT) {
      this.#nextTickAt = Math.min(this.#nextTickAt, this.#fragments.dueAt);
      this.#readGivenUp();
    }
  }

  /** The flow packet in `layers`, seen or completed at packet time `at`. */
  #packet(at: number): void {
    const layers = this.#layers;
    const { bytes, packets, sourceAt, destinationAt, sourcePort, destinationPort, protocol } = layers;
    if (packets > 1) {
      // Its fragments counted as such while it was not whole.
      this.reasons[FrameReason.IP_FRAGMENT]! -= packets - 1;
      this.reasons[FrameReason.OK]! += packets - 1;
    }
    let source: number;
    let destination: number;
    let v6Bit = 0;
    if (layers.v6) {
      source = this.addresses.ipv6(bytes, sourceAt);
      destination = this.addresses.ipv6(bytes, destinationAt);
      v6Bit = 1;
    } else {
      source = wordAt(bytes, sourceAt);
      destination = wordAt(bytes, destinationAt);
    }
    const flows = this.flows;
    const key = keyBits(protocol, v6Bit);
    const hash = flows.hash(source, destination, sourcePort, destinationPort, key);
    let found = flows.find(hash, source, destination, sourcePort, destinationPort, key);
    if (found >= 0 && this.#isOver(found >> 1, at)) {
      this.#wheel.unschedule(found >> 1);
      this.#end(found >> 1, this.#endReason(found >> 1, 'idle'));
      found = -1;
    }
    if (found < 0) found = this.#open(hash, source, destination, bytes, at);

    const flow = found >> 1;
    const up = (found & 1) === 0;
    const { words, doubles } = flows;
    const w = flow * RECORD_WORDS;
    const d = flow * RECORD_DOUBLES;
    const silence = at - doubles[d + Double.ENDED_AT]!;
    if (silence > 0) {
      doubles[d + Double.ENDED_AT] = at;
      if (silence > doubles[d + Double.MAX_IDLE]!) doubles[d + Double.MAX_IDLE] = silence;
    }
    if (up) {
      words[w + Word.MINUTE_UP_PACKETS]! += packets;
      doubles[d + Double.MINUTE_UP_BYTES]! += layers.ipBytes;
    } else {
      words[w + Word.MINUTE_DOWN_PACKETS]! += packets;
      doubles[d + Double.MINUTE_DOWN_BYTES]! += layers.ipBytes;
    }
    let bits = words[w + Word.BITS]!;
    const isClientsFirst = up && (bits & FlowBit.CLIENT_SPOKE) === 0;
    if (isClientsFirst) {
      words[w + Word.BITS] = bits |= FlowBit.CLIENT_SPOKE;
      words[w + Word.ENVELOPE]! |= layers.ttl;
    }
    if ((bits & FlowBit.ACTIVE) === 0) {
      this.#active.add(flow);
      bits |= FlowBit.ACTIVE;
    }
    if ((bits & (FlowBit.AWAITING_TEID | FlowBit.SESSION_UNKNOWN)) !== 0) bits = this.#tunnelled(flow, up, bits);
    const { payloadBytes } = layers;
    if (layers.payloadEnd - layers.payloadStart < payloadBytes) words[w + Word.BITS] = bits |= FlowBit.SNAPLEN_CUT;
    if (protocol === IpProtocol.TCP) this.#tcp(bytes, flow, up, at);
    else if (protocol === IpProtocol.UDP && payloadBytes > 0) {
      if ((bits & FlowBit.SETTLED) === 0) this.#quic.read(flow, layers, bytes, up, at);
      else if ((bits & FlowBit.QUIC) !== 0) this.#quic.readSettled(flow, layers, bytes, up, at);
      this.#payload.note(flow, layers, bytes, up, payloadBytes, at);
      const { payloadStart, payloadEnd } = layers;
      if (isDnsPort(sourcePort) || isDnsPort(destinationPort)) {
        this.#dnsMessage(bytes, payloadStart, payloadEnd, flow, up, false, at);
      } else if (isControl(sourcePort, destinationPort)) this.sessions.control(layers, at);
      else if (isClientsFirst && words[w + Word.QUIC_VERSION] === 0) {
        this.#observer.spoke(flow, bytes, payloadStart, payloadEnd);
      }
    }
  }

  /** A packet of a flow in a GTP tunnel, until the tunnel is known both ways; for good if its session is not known. */
  #tunnelled(flow: number, up: boolean, bits: number): number {
    const { words } = this.flows;
    const w = flow * RECORD_WORDS;
    const layers = this.#layers;
    if (!isInGtp(layers.tunnel)) return bits;
    if ((bits & FlowBit.SESSION_UNKNOWN) !== 0) this.sessions.unknown += layers.packets;
    if ((bits & FlowBit.AWAITING_TEID) !== 0 && this.sessions.flows.see(words[w + Word.MOBILE]!, up, layers.teid)) {
      words[w + Word.BITS] = bits &= ~FlowBit.AWAITING_TEID;
    }
    return bits;
  }

  /** Datagrams that will not become whole are packets of their flows as far as they came. */
  #readGivenUp(): void {
    for (;;) {
      const at = this.#fragments.readGivenUp(this.#layers);
      if (Number.isNaN(at)) return;
      this.reasons[FrameReason.IP_FRAGMENT]!--;
      this.reasons[FrameReason.OK]!++;
      this.#packet(at);
    }
  }

  #tcp(bytes: Uint8Array, flow: number, up: boolean, at: number): void {
    const layers = this.#layers;
    const sequence = this.#sequence;
    const { words } = this.flows;
    const w = flow * RECORD_WORDS;
    sequence.read(flow, layers, up, at);
    const isPayload = layers.payloadBytes > 0 && !sequence.isKeepalive;
    if (isPayload) this.#payload.note(flow, layers, bytes, up, sequence.newBytes, at);
    const control = layers.tcpFlags & (TcpFlag.SYN | TcpFlag.FIN | TcpFlag.RST);
    if (control !== 0 || (words[w + Word.BITS]! & FlowBit.AWAITING_ACK) !== 0) {
      if ((control & (TcpFlag.FIN | TcpFlag.RST)) !== 0) this.#noteClosing(flow, at);
      if (up && words[w + Word.UP_SYNS] === 0 && (layers.tcpFlags & (TcpFlag.SYN | TcpFlag.ACK)) === TcpFlag.SYN) {
        this.#noteSyn(bytes, flow);
      }
      if ((words[w + Word.BITS]! & FlowBit.HTTP) !== 0 && !up && (control & TcpFlag.SYN) !== 0) {
        this.http.accepted(flow, (layers.tcpSequence + 1) | 0);
      }
      if (readTcpControl(this.flows, flow, layers, up, sequence.rttUs)) {
        this.#wheel.unschedule(flow);
        this.#wheel.schedule(flow, at + CLOSED_IDLE_US);
      }
      if (isMinuteFull(words, w)) this.#settleMinute(flow, this.#minuteAt);
    }
    if (!isPayload) return;
    const bits = words[w + Word.BITS]!;
    if ((bits & FlowBit.DNS_STREAM) !== 0) {
      this.#dnsSegment(bytes, flow, up, at);
      return;
    }
    if ((bits & FlowBit.HTTP) !== 0) this.http.segment(flow, layers, up, bytes, at);
    else if ((bits & FlowBit.SETTLED) === 0 && !up) this.#firstPayload.answered(flow, layers, bytes, at);
    // A tunnel that HTTP opened is not settled yet.
    if (up && (words[w + Word.BITS]! & FlowBit.SETTLED) === 0) this.#firstPayload.read(flow, layers, bytes, at);
  }

  /** The first SYN of a flow tells its client's system. */
  #noteSyn(bytes: Uint8Array, flow: number): void {
    const { ipAt, transportAt, capturedEnd, payloadBytes } = this.#layers;
    const signature = this.#synSignatures.code(bytes, ipAt, transportAt, capturedEnd, payloadBytes);
    if (signature === 0) return;
    this.flows.words[flow * RECORD_WORDS + Word.SYN_SIGNATURE] = signature;
    this.#observer.identified(flow, 'syn', signature);
  }

  /** A FIN or RST: the first one of a flow tells how long its payload had been silent. */
  #noteClosing(flow: number, at: number): void {
    const { doubles } = this.flows;
    const d = flow * RECORD_DOUBLES;
    const lastAt = lastPayloadAt(doubles, d);
    if (lastAt > 0 && Number.isNaN(doubles[d + Double.CLOSING_IDLE]!)) {
      // A clock may run backwards.
      doubles[d + Double.CLOSING_IDLE] = Math.max(0, at - lastAt);
    }
  }

  #burst(flow: number): void {
    const ports = this.flows.words[flow * RECORD_WORDS + Word.PORTS]!;
    if (!isDnsPort(ports & 0xffff) && !isDnsPort(ports >>> 16)) this.#observer.bursted(flow);
  }

  /** Packet time reached a second or a minute in which something may be due. */
  #tick(at: number): void {
    if (at - this.clock > MAX_LEAP_US && this.#leapingPacket !== this.packets - 1) {
      this.#leapingPacket = this.packets;
      return;
    }
    this.clock = at;
    const minuteAt = Math.floor(at / MINUTE) * MINUTE;
    // Before the minute turns: a question that timed out counts in the minute in which it was asked.
    this.dns.expire(at);
    this.sessions.expire(at);
    this.#fragments.expire(at);
    this.#readGivenUp();
    if (minuteAt !== this.#minuteAt) this.#turnMinute(minuteAt);
    this.#wheel.advance(at, this.#onDue);
    this.#nextTickAt = Math.min(this.#wheel.nextAt, minuteAt + MINUTE, this.#fragments.dueAt, this.sessions.nextAt);
  }

  /** Packet time goes on without a packet: none from before `at` is still to come. As a packet's, it cannot leap. */
  elapse(at: number): void {
    if (!(at > this.clock) || at - this.clock > MAX_LEAP_US) return;
    if (at < this.#nextTickAt) this.clock = at;
    else this.#tick(at);
  }

  #turnMinute(minuteAt: number): void {
    const ended = this.#minuteAt;
    this.#active.drain((flow) => this.#settleMinute(flow, ended));
    this.#minuteAt = minuteAt;
    if (!Number.isNaN(ended)) this.#observer.minute(this.clock);
  }

  /** Tells what a flow did in the minute, and adds it to what it did before. */
  #settleMinute(flow: number, minuteAt: number): void {
    const { words, doubles } = this.flows;
    const w = flow * RECORD_WORDS;
    const d = flow * RECORD_DOUBLES;
    this.#observer.lived(flow, minuteAt);
    words[w + Word.BITS]! &= ~(FlowBit.OPENED_THIS_MINUTE | FlowBit.RTT_THIS_MINUTE);
    doubles[d + Double.UP_PACKETS]! += words[w + Word.MINUTE_UP_PACKETS]!;
    doubles[d + Double.DOWN_PACKETS]! += words[w + Word.MINUTE_DOWN_PACKETS]!;
    doubles[d + Double.UP_BYTES]! += doubles[d + Double.MINUTE_UP_BYTES]!;
    doubles[d + Double.DOWN_BYTES]! += doubles[d + Double.MINUTE_DOWN_BYTES]!;
    words[w + Word.MINUTE_UP_PACKETS] = 0;
    words[w + Word.MINUTE_DOWN_PACKETS] = 0;
    words[w + Word.MINUTE_OPENINGS] = 0;
    words[w + Word.MINUTE_CLOSINGS] = 0;
    doubles[d + Double.MINUTE_UP_BYTES] = 0;
    doubles[d + Double.MINUTE_DOWN_BYTES] = 0;
  }

  #idleUs(flow: number): number {
    const { words, doubles } = this.flows;
    const w = flow * RECORD_WORDS;
    if ((words[w + Word.BITS]! & FlowBit.CLOSED) !== 0) return CLOSED_IDLE_US;
    if (this.flows.protocol(flow) !== IpProtocol.TCP) return this.#options.udpIdleUs;
    const unanswered =
      words[w + Word.UP_SYNS]! > 0 &&
      words[w + Word.MINUTE_DOWN_PACKETS] === 0 &&
      doubles[flow * RECORD_DOUBLES + Double.DOWN_PACKETS] === 0;
    return unanswered ? this.#options.synIdleUs : this.#options.tcpIdleUs;
  }

  /** Does the packet in `layers` belong to a later flow of the same 5-tuple? */
  #isOver(flow: number, at: number): boolean {
    const { words, doubles } = this.flows;
    const silence = at - doubles[flow * RECORD_DOUBLES + Double.ENDED_AT]!;
    // Most packets are settled by one comparison.
    if (silence > this.#shortestIdleUs && silence > this.#idleUs(flow)) return true;
    if ((this.#layers.tcpFlags & (TcpFlag.SYN | TcpFlag.ACK)) !== TcpFlag.SYN) return false;
    const w = flow * RECORD_WORDS;
    const ended =
      words[w + Word.UP_FINS]! + words[w + Word.DOWN_FINS]! + words[w + Word.UP_RSTS]! + words[w + Word.DOWN_RSTS]!;
    return ended > 0 && words[w + Word.CLIENT_ISN] !== this.#layers.tcpSequence;
  }

  #open(hash: number, source: number, destination: number, bytes: Uint8Array, at: number): number {
    const { flows } = this;
    const layers = this.#layers;
    if (flows.size >= flows.maxFlows) {
      const victim = this.#wheel.soonest(this.#dueAt);
      this.#wheel.unschedule(victim);
      this.#end(victim, 'evicted');
    }
    const flow = flows.add(hash);
    const { words } = flows;
    const w = flow * RECORD_WORDS;
    const up = this.#isFromClient(bytes);
    const mobile = this.sessions.open(layers, up, at);
    const { sourcePort, destinationPort } = layers;
    words[w + Word.CLIENT] = up ? source : destination;
    words[w + Word.SERVER] = up ? destination : source;
    words[w + Word.PORTS] = up ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
    words[w + Word.ENVELOPE] = envelope(layers.tunnel, layers.vlan);
    words[w + Word.MOBILE] = mobile;
    const inGtp = isInGtp(layers.tunnel);
    const isTcp = layers.protocol === IpProtocol.TCP;
    const isDnsStream = isTcp && (sourcePort === PORT_DNS || destinationPort === PORT_DNS);
    words[w + Word.BITS] =
      keyBits(layers.protocol, layers.v6 ? 1 : 0) |
      (isTcp || layers.protocol === IpProtocol.UDP ? 0 : FlowBit.SETTLED) |
      (isDnsStream ? FlowBit.DNS_STREAM : 0) |
      (inGtp ? FlowBit.AWAITING_TEID : 0) |
      (inGtp && this.sessions.flows.state(mobile) === undefined ? FlowBit.SESSION_UNKNOWN : 0);
    this.#begin(flow, at);
    // An unanswered SYN is waited for the shortest; that this is one is not known before its flags are counted.
    const { tcpIdleUs, udpIdleUs, synIdleUs } = this.#options;
    this.#wheel.schedule(flow, at + (isTcp ? Math.min(tcpIdleUs, synIdleUs) : udpIdleUs));
    this.#observer.opened(flow);
    return up ? 2 * flow : 2 * flow + 1;
  }

  /**
   * Opens a flow that somebody else measures: no packet comes, and nothing ends it but `leave`. There is room for it.
   *
   * @param at packet time has come to it, or begins with it
   */
  enter({ client, client_port, server, server_port, protocol }: MeasuredFlow, at: number): number {
    if (Number.isNaN(this.clock)) this.#tick(at);
    const { flows, addresses } = this;
    const isV6 = client.length === 16;
    const source = isV6 ? addresses.ipv6(client, 0) : wordAt(client, 0);
    const destination = isV6 ? addresses.ipv6(server, 0) : wordAt(server, 0);
    const key = keyBits(protocol, isV6 ? 1 : 0);
    const flow = flows.add(flows.hash(source, destination, client_port, server_port, key));
    const { words } = flows;
    const w = flow * RECORD_WORDS;
    words[w + Word.CLIENT] = source;
    words[w + Word.SERVER] = destination;
    words[w + Word.PORTS] = (client_port << 16) | server_port;
    words[w + Word.ENVELOPE] = envelope(0, -1);
    words[w + Word.BITS] = key;
    this.#begin(flow, at);
    this.#observer.opened(flow);
    return flow;
  }

  /** Tells what an entered flow did in a minute: its `MINUTE_` fields. */
  share(flow: number, minuteAt: number): void {
    this.#settleMinute(flow, minuteAt);
  }

  /** Ends an entered flow, whose record is filled. */
  leave(flow: number, reason: EndReason): void {
    this.#end(flow, this.#endReason(flow, reason));
  }

  /** The start of a flow whose key is filled. */
  #begin(flow: number, at: number): void {
    const { flows } = this;
    const { words, doubles } = flows;
    const w = flow * RECORD_WORDS;
    const d = flow * RECORD_DOUBLES;
    words[w + Word.BITS]! |= FlowBit.OPENED_THIS_MINUTE;
    words[w + Word.UP_FIRST] = NO_PAYLOAD;
    words[w + Word.DOWN_FIRST] = NO_PAYLOAD;
    words[w + Word.SERVER_RTT] = -1;
    words[w + Word.CLIENT_RTT] = -1;
    doubles[d + Double.STARTED_AT] = at;
    doubles[d + Double.ENDED_AT] = at;
    doubles[d + Double.CLOSING_IDLE] = Number.NaN;
    words[w + Word.ID_HASH] = this.#idHash.of(flows, flow, at);
    flows.identify(flow, this.addresses);
  }

  /** Is the sender of the packet in `layers`, the first of its flow, the end that opened the flow? */
  #isFromClient(bytes: Uint8Array): boolean {
    const { protocol, tcpFlags, sourceAt, destinationAt, sourcePort, destinationPort, v6 } = this.#layers;
    const isFromSubscriber = this.sessions.locate(this.#layers);
    if (protocol === IpProtocol.TCP && (tcpFlags & TcpFlag.SYN) !== 0) return (tcpFlags & TcpFlag.ACK) === 0;
    const { localNets } = this.#options;
    const addressBytes = v6 ? 16 : 4;
    const sourceIsLocal = localNets.contains(bytes, sourceAt, addressBytes);
    if (sourceIsLocal !== localNets.contains(bytes, destinationAt, addressBytes)) return sourceIsLocal;
    if (isFromSubscriber !== undefined) return isFromSubscriber;
    return !(sourcePort < FIRST_UNPRIVILEGED_PORT && destinationPort >= FIRST_UNPRIVILEGED_PORT);
  }

  /** A segment of DNS over TCP, of either direction (RFC 7766: each message after its length). */
  #dnsSegment(bytes: Uint8Array, flow: number, up: boolean, at: number): void {
    const stream = this.#firstPayload.follow(flow, up, this.#layers, bytes, at);
    if (stream === undefined) return;
    let from = 0;
    while (stream.length >= from + 2) {
      const end = from + 2 + ((stream.bytes[from]! << 8) | stream.bytes[from + 1]!);
      if (end > stream.length) break;
      this.#dnsMessage(stream.bytes, from + 2, end, flow, up, true, at);
      from = end;
    }
    stream.skip(from);
    if (stream.broken) this.#firstPayload.giveUp(flow);
  }

  /** A DNS message of a flow, in [start, end) of `bytes`. */
  #dnsMessage(
    bytes: Uint8Array,
    start: number,
    end: number,
    flow: number,
    up: boolean,
    overTcp: boolean,
    at: number,
  ): void {
    const client = this.flows.clientId(flow);
    const server = this.flows.serverId(flow);
    const w = flow * RECORD_WORDS;
    const ports = this.flows.words[w + Word.PORTS]!;
    const subscriber = this.sessions.flows.identity(this.flows.words[w + Word.MOBILE]!);
    this.dns.read(bytes, start, end, client, server, subscriber, up, ports, overTcp, at);
  }

  #endReason(flow: number, otherwise: EndReason): EndReason {
    const { words } = this.flows;
    const w = flow * RECORD_WORDS;
    if ((words[w + Word.BITS]! & FlowBit.CLOSED) === 0) return otherwise;
    return words[w + Word.UP_RSTS]! + words[w + Word.DOWN_RSTS]! > 0 ? 'rst' : 'fin';
  }

  /** Ends a flow that is on no list of the wheel. */
  #end(flow: number, reason: EndReason): void {
    this.#firstPayload.giveUp(flow);
    this.#quic.end(flow);
    const { words } = this.flows;
    const bitsAt = flow * RECORD_WORDS + Word.BITS;
    if ((words[bitsAt]! & FlowBit.HTTP) !== 0) this.http.end(flow);
    if ((words[bitsAt]! & FlowBit.ACTIVE) !== 0) this.#observer.lived(flow, this.#minuteAt);
    words[bitsAt]! &= ~FlowBit.ACTIVE;
    this.#payload.end(flow);
    this.#observer.closed(flow, reason);
    const troubles = words[flow * RECORD_WORDS + Word.TROUBLES]!;
    if (troubles !== 0) this.troubles.remove(troubles);
    const mobile = words[flow * RECORD_WORDS + Word.MOBILE]!;
    if (mobile !== 0) this.sessions.flows.remove(mobile);
    this.flows.remove(flow);
  }

  /** The input is over: everything that lives becomes a ticket, in the order of flow records. */
  finish(): void {
    // What was in a datagram given up may be a fragment of another.
    while (this.#fragments.size > 0) {
      this.#fragments.expire(Number.POSITIVE_INFINITY);
      this.#readGivenUp();
    }
    this.dns.expire(Number.POSITIVE_INFINITY);
    const { flows } = this;
    const live = new Uint8Array(flows.bound);
    flows.forEach((flow) => {
      live[flow] = 1;
    });
    for (let flow = 0; flow < live.length; flow++) {
      if (live[flow] === 0) continue;
      this.#wheel.unschedule(flow);
      this.#end(flow, this.#endReason(flow, 'eof'));
    }
    this.sessions.finish();
    if (!Number.isNaN(this.#minuteAt)) this.#turnMinute(this.#minuteAt);
  }

  checkpoint() {
    return {
      clock: this.clock,
      packets: this.packets,
      minuteAt: this.#minuteAt,
      nextTickAt: this.#nextTickAt,
      leapingPacket: this.#leapingPacket,
      fragments: this.#fragments.checkpoint(),
      flows: this.flows.checkpoint(),
      troubles: this.troubles.checkpoint(),
      wheel: this.#wheel.checkpoint(),
      active: this.#active.checkpoint(),
      firstPayload: this.#firstPayload.checkpoint(),
      quic: this.#quic.checkpoint(),
      idHash: this.#idHash.checkpoint(),
      dns: this.dns.checkpoint(),
      http: this.http.checkpoint(),
      sessions: this.sessions.checkpoint(),
    };
  }

  restore(state: ReturnType<Probe['checkpoint']>): void {
    this.clock = state.clock;
    this.packets = state.packets;
    this.#minuteAt = state.minuteAt;
    this.#nextTickAt = state.nextTickAt;
    this.#leapingPacket = state.leapingPacket;
    this.#fragments.restore(state.fragments);
    this.flows.restore(state.flows);
    this.troubles.restore(state.troubles);
    this.#wheel.restore(state.wheel);
    this.#active.restore(state.active);
    this.#firstPayload.restore(state.firstPayload);
    this.#quic.restore(state.quic);
    this.#idHash.restore(state.idHash);
    this.dns.restore(state.dns);
    this.http.restore(state.http);
    this.sessions.restore(state.sessions, this.clock);
  }

  /** Gives every code held its code in a new epoch of the interner. */
  recode(codeOf: (code: number) => number): void {
    this.dns.recode(codeOf);
    this.http.recode(codeOf);
    this.#synSignatures.forget();
    this.alpnLists.forget();
    const { words } = this.flows;
    this.flows.forEach((flow) => {
      const w = flow * RECORD_WORDS;
      for (const word of [Word.SNI, Word.ALPN, Word.HTTP_HOST, Word.SYN_SIGNATURE])
        words[w + word] = codeOf(words[w + word]!);
    });
  }

  /** Marks the address ids in use. */
  markAddresses(marks: Uint8Array): void {
    this.dns.markAddresses(marks);
    this.sessions.markAddresses(marks);
    this.flows.forEach((flow) => {
      marks[this.flows.clientId(flow)] = 1;
      marks[this.flows.serverId(flow)] = 1;
    });
  }
}
