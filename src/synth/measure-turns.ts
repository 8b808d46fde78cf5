/** What an accepted TCP connection must be measured as, from its script alone: no segment is made, and nothing may go wrong. */
import { MINUTE } from '../kit/time.ts';
import { IpProtocol } from '../packet/layers.ts';
import type { MeasuredBurst, MeasuredFlow, MinuteShare } from '../tickets/measured-flow.ts';
import type { Path } from './frame.ts';
import type { Payload } from './payload.ts';
import { synSignature } from './syn-signature.ts';
import { DEFAULT_RATE, DEFAULT_SEGMENT, plainSyn, type TcpScript } from './tcp-segments.ts';

const TCP_HEADER = 20;
const NONE = -1;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Packets of one direction, and the round trip of what they ask: one segment at a time is on the clock. */
class Side {
  packets = 0;
  bytes = 0;
  payload = 0;
  from = Number.NaN;
  until = Number.NaN;
  fins = 0;
  rsts = 0;
  /** Number of the next byte, counted from the SYN, and the next byte that is expected of the other side. */
  next = 0;
  acknowledged = 0;
  least = Number.NaN;
  sum = 0;
  samples = 0;
  /** Number whose acknowledgement is waited for, and since when. */
  awaited = NONE;
  awaitedAt = 0;

  /** @returns the round trip that this acknowledgement tells; NaN if none */
  acknowledge(number: number, at: number): number {
    if (this.awaited < 0 || number < this.awaited) return Number.NaN;
    const rttUs = at - this.awaitedAt;
    this.awaited = NONE;
    this.samples++;
    this.sum += rttUs;
    if (!(this.least <= rttUs)) this.least = rttUs;
    return rttUs;
  }
}

/**
 * The clockwork of `tcpSegments`, each packet counted where that would make one. It is written a second time because a
 * population has millions of connections; a test holds one against the other.
 */
class Walk {
  readonly up = new Side();
  readonly down = new Side();
  readonly minutes: Writable<MinuteShare>[] = [];
  readonly bursts: Writable<MeasuredBurst>[] = [];
  endedAt: number;
  maxIdleUs = 0;
  named: Payload | undefined;
  namedAt = Number.NaN;
  greeting: Uint8Array | undefined;
  #minuteUntil = Number.NEGATIVE_INFINITY;
  readonly #burstIdleUs: number;

  constructor(at: number, burstIdleUs: number) {
    this.endedAt = at;
    this.#burstIdleUs = burstIdleUs;
  }

  /** The minute of `at`, and the time before it. */
  reach(at: number): Writable<MinuteShare> {
    if (at - this.endedAt > this.maxIdleUs) this.maxIdleUs = at - this.endedAt;
    this.endedAt = at;
    if (at < this.#minuteUntil) return this.minutes[this.minutes.length - 1]!;
    const minuteAt = Math.floor(at / MINUTE) * MINUTE;
    this.#minuteUntil = minuteAt + MINUTE;
    const minute = {
      minuteAt,
      flows_opened: this.minutes.length === 0 ? 1 : 0,
      syns: 0,
      synacks: 0,
      rsts: 0,
      fins: 0,
      up_packets: 0,
      down_packets: 0,
      up_bytes: 0,
      down_bytes: 0,
      server_rtt_us_sum: 0,
      server_rtt_us_n: 0,
    };
    this.minutes.push(minute);
    return minute;
  }

  /** A packet of `bytes` that acknowledges what its sender has. @returns what `Side.acknowledge` does */
  packet(at: number, isUp: boolean, bytes: number, minute = this.reach(at)): number {
    if (isUp) {
      minute.up_packets++;
      minute.up_bytes += bytes;
      return this.down.acknowledge(this.up.acknowledged, at);
    }
    minute.down_packets++;
    minute.down_bytes += bytes;
    return this.up.acknowledge(this.down.acknowledged, at);
  }

  /** A segment of `count` bytes from `offset`. */
  data(at: number, isUp: boolean, header: number, payload: Payload, offset: number, count: number): void {
    this.packet(at, isUp, header + count);
    const side = isUp ? this.up : this.down;
    side.next += count;
    if (side.awaited < 0) {
      side.awaited = side.next;
      side.awaitedAt = at;
    }
    if (payload.shows !== undefined) {
      if (offset + count === payload.length) {
        this.named = payload;
        this.namedAt = at;
      }
    } else if (isUp && side.payload === 0) {
      this.namedAt = at;
      this.greeting = new Uint8Array(count);
      payload.fill(this.greeting, 0, 0, count);
    }
    if (side.payload === 0) side.from = at;
    side.until = at;
    side.payload += count;
    let burst = this.bursts[this.bursts.length - 1];
    if (burst === undefined || at - burst.ended_at > this.#burstIdleUs) {
      burst = { started_at: at, ended_at: at, up_payload: 0, down_payload: 0, packets: 0 };
      this.bursts.push(burst);
    }
    burst.ended_at = at;
    if (isUp) burst.up_payload += count;
    else burst.down_payload += count;
    burst.packets++;
  }
}

/** Handshake, turns and end, in the order in which `tcpSegments` has them. @returns silence before the end */
const walk = (script: TcpScript, header: number, seen: Walk): { synAckUs: number; ackUs: number; idleUs: number } => {
  const { up, down } = seen;
  const { at, serverRttUs, clientRttUs, turns, close, syn = plainSyn } = script;
  const opening = seen.reach(at);
  opening.syns++;
  opening.up_packets++;
  opening.up_bytes += header + syn.options.length;
  up.next = 1;
  up.awaited = 1;
  up.awaitedAt = at;
  down.acknowledged = 1;
  let now = at + serverRttUs;
  const accepting = seen.reach(now);
  accepting.synacks++;
  const synAckUs = seen.packet(now, false, header + plainSyn.options.length, accepting);
  down.next = 1;
  down.awaited = 1;
  down.awaitedAt = now;
  up.acknowledged = 1;
  now += clientRttUs;
  const accepted = seen.reach(now);
  const ackUs = seen.packet(now, true, header, accepted);
  accepted.server_rtt_us_sum += synAckUs;
  accepted.server_rtt_us_n++;

  const dueAt: number[] = [];
  const upTo: number[] = [];
  let sent = 0;
  let speaksUp = true;
  for (const {
    direction,
    payload,
    afterUs = 1,
    bytesPerSecond = DEFAULT_RATE,
    segmentBytes = DEFAULT_SEGMENT,
  } of turns) {
    const isUp = direction === 'up';
    const speaker = isUp ? up : down;
    if (isUp !== speaksUp) {
      now += (isUp ? clientRttUs : serverRttUs) + afterUs;
      for (; sent < dueAt.length && dueAt[sent]! < now; sent++) {
        speaker.acknowledged = upTo[sent]!;
        seen.packet(dueAt[sent]!, isUp, header);
      }
      if (upTo.length > 0) speaker.acknowledged = upTo[upTo.length - 1]!;
      dueAt.length = 0;
      upTo.length = 0;
      sent = 0;
    } else now += afterUs;
    speaksUp = isUp;
    const listener = isUp ? down : up;
    const listenerRttUs = isUp ? serverRttUs : clientRttUs;
    const startedAt = now;
    for (let offset = 0, number = 0; offset < payload.length; offset += segmentBytes, number++) {
      const count = Math.min(segmentBytes, payload.length - offset);
      now = Math.max(now, startedAt + Math.round((offset / bytesPerSecond) * 1e6));
      for (; sent < dueAt.length && dueAt[sent]! < now; sent++) {
        listener.acknowledged = upTo[sent]!;
        seen.packet(dueAt[sent]!, !isUp, header);
      }
      seen.data(now, isUp, header, payload, offset, count);
      if (offset + count === payload.length || (number & 1) === 1) {
        dueAt.push(now + listenerRttUs);
        upTo.push(speaker.next);
      }
    }
  }
  const listener = speaksUp ? down : up;
  for (; sent < dueAt.length; sent++) {
    listener.acknowledged = upTo[sent]!;
    seen.packet(dueAt[sent]!, !speaksUp, header);
  }
  if (close === undefined) return { synAckUs, ackUs, idleUs: Number.NaN };

  // NaN loses every comparison.
  const lastAt = up.until > down.until || Number.isNaN(down.until) ? up.until : down.until;
  const isUp = close.by === 'up';
  const [closer, other] = isUp ? [up, down] : [down, up];
  now = seen.endedAt + close.afterUs;
  const idleUs = now - lastAt;
  const closing = seen.reach(now);
  if (close.how === 'rst') {
    closing.rsts++;
    closer.rsts++;
    closing[isUp ? 'up_packets' : 'down_packets']++;
    closing[isUp ? 'up_bytes' : 'down_bytes'] += header;
    return { synAckUs, ackUs, idleUs };
  }
  closing.fins++;
  closer.fins++;
  seen.packet(now, isUp, header, closing);
  other.acknowledged++;
  now += isUp ? serverRttUs : clientRttUs;
  const answering = seen.reach(now);
  answering.fins++;
  other.fins++;
  seen.packet(now, !isUp, header, answering);
  closer.acknowledged++;
  seen.packet(now + (isUp ? clientRttUs : serverRttUs), isUp, header);
  return { synAckUs, ackUs, idleUs };
};

const headerOf = ({ client }: Path): number => (client.address.length === 16 ? 40 : 20) + TCP_HEADER;

/**
 * Measures a connection in which nothing goes wrong.
 *
 * @param burstIdleUs silence that ends a burst
 */
export const measureTurns = (script: TcpScript, burstIdleUs: number): MeasuredFlow => {
  const { path, at, syn = plainSyn } = script;
  const seen = new Walk(at, burstIdleUs);
  const { synAckUs, ackUs, idleUs } = walk(script, headerOf(path), seen);
  const { up, down } = seen;
  const shown = seen.named?.shows;
  return {
    client: path.client.address,
    server: path.server.address,
    client_port: path.client.port,
    server_port: path.server.port,
    protocol: IpProtocol.TCP,
    started_at: at,
    ended_at: seen.endedAt,
    up_payload: up.payload,
    down_payload: down.payload,
    up_from: up.from,
    up_until: up.until,
    down_from: down.from,
    down_until: down.until,
    max_idle_us: seen.maxIdleUs,
    closing_idle_us: idleUs,
    server_rtt_us: synAckUs,
    server_rtt_min_us: up.least,
    server_rtt_us_sum: up.sum,
    server_rtt_samples: up.samples,
    client_rtt_us: ackUs,
    client_rtt_min_us: down.least,
    client_rtt_us_sum: down.sum,
    client_rtt_samples: down.samples,
    up_syns: 1,
    down_syns: 1,
    up_fins: up.fins,
    down_fins: down.fins,
    up_rsts: up.rsts,
    down_rsts: down.rsts,
    ip_ttl: path.clientTtl,
    vlan: path.vlan ?? Number.NaN,
    syn_signature: synSignature(path, syn),
    tls_sni: shown?.sni ?? '',
    alpn: shown?.alpn ?? [],
    ech_offered: shown?.isEchOffered === undefined ? Number.NaN : Number(shown.isEchOffered),
    http_host: shown?.host ?? '',
    user_agent: shown?.userAgent ?? '',
    named_at: seen.namedAt,
    greeting: seen.greeting,
    minutes: seen.minutes,
    bursts: seen.bursts,
  };
};
