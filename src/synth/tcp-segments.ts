/** The segments of a planted TCP connection as the vantage sees them: handshake, turns of data with their acknowledgements, and its end. */
import type { Random } from '../kit/random.ts';
import { TcpFlag } from '../packet/layers.ts';
import type { Direction, Path } from './frame.ts';
import { opaque, type Payload } from './payload.ts';

/** One side speaks. */
export interface Turn {
  readonly direction: Direction;
  readonly payload: Payload;
  /** Thinking time: microseconds after the speaker could have begun. */
  readonly afterUs?: number;
  /** Sending rate; without it the segments follow each other at 100 Mbit/s. */
  readonly bytesPerSecond?: number;
  /** Largest payload of a segment. */
  readonly segmentBytes?: number;
}

/** By what a SYN betrays its system. */
export interface SynProfile {
  readonly window: number;
  /** A multiple of 4 bytes. */
  readonly options: Uint8Array;
}

/** What goes wrong with segments of data; what they say is the same as without. */
export interface Faults {
  readonly random: Random;
  /** Share of segments lost behind the vantage, which sees them again after the sender's time-out. */
  readonly lossShare: number;
  /** Share of segments that the next one overtakes before the vantage. */
  readonly swapShare: number;
}

export interface TcpScript {
  readonly path: Path;
  /** Time of the SYN, UTC microseconds. */
  readonly at: number;
  /** Between vantage and server, there and back. */
  readonly serverRttUs: number;
  /** Between vantage and client, there and back. */
  readonly clientRttUs: number;
  readonly turns: readonly Turn[];
  /** Who ends the connection, how, and so many microseconds after the last packet; without it the connection stays open. */
  readonly close?: { readonly by: Direction; readonly how: 'fin' | 'rst'; readonly afterUs: number } | undefined;
  readonly syn?: SynProfile;
  /** Nothing goes wrong without it. */
  readonly faults?: Faults;
}

/** A segment. The same object is filled anew for each: what is to be kept of it is to be copied. */
export interface Segment {
  at: number;
  direction: Direction;
  flags: number;
  sequence: number;
  acknowledgment: number;
  /** Of a SYN or SYN/ACK. */
  syn: SynProfile | undefined;
  /** It carries the bytes `offset .. offset + count` of this, */
  payload: Payload;
  offset: number;
  count: number;
  /** which were sent before, or came after later ones. */
  fault: 'retransmits' | 'reordered' | undefined;
}

const { FIN, SYN, RST, PSH, ACK } = TcpFlag;
export const WINDOW = 29_200;
export const DEFAULT_SEGMENT = 1380;
export const DEFAULT_RATE = 12_500_000;
/** The least time-out of common systems (RFC 6298 would have a second). */
const MIN_TIMEOUT_US = 200_000;
/** How late an overtaken segment is. */
const OVERTAKEN_US = 20;
/** Maximum segment size 1400, selective acknowledgement permitted. */
export const plainSyn: SynProfile = { window: WINDOW, options: Uint8Array.of(2, 4, 5, 120, 1, 1, 4, 2) };
const noPayload = opaque(0);

/** One end as far as its numbers go. */
interface End {
  readonly rttUs: number;
  /** Sequence number of the next byte. */
  next: number;
  /** What this end has acknowledged: the next byte it expects. */
  acknowledged: number;
}

const other = (direction: Direction): Direction => (direction === 'up' ? 'down' : 'up');

/** Initial sequence numbers: any will do, but equal ones would hide mistakes, and some must wrap. */
export const initialSequence = (at: number, port: number): number => (Math.imul(port, 0x9e3779b1) ^ at) >>> 0;

/** The segments in the order of time, made while they are asked for. */
export function* tcpSegments(script: TcpScript): Generator<Segment, void> {
  const { path, turns, close, faults } = script;
  const clientFirst = initialSequence(script.at, path.client.port);
  const serverFirst = initialSequence(script.at, path.client.port + path.server.port);
  const ends: Record<Direction, End> = {
    up: { rttUs: script.clientRttUs, next: clientFirst, acknowledged: 0 },
    down: { rttUs: script.serverRttUs, next: serverFirst, acknowledged: clientFirst + 1 },
  };
  const segment: Segment = {
    at: script.at,
    direction: 'up',
    flags: SYN,
    sequence: clientFirst,
    acknowledgment: 0,
    syn: script.syn ?? plainSyn,
    payload: noPayload,
    offset: 0,
    count: 0,
    fault: undefined,
  };
  const bare = (at: number, direction: Direction, flags: number): Segment => {
    segment.at = at;
    segment.direction = direction;
    segment.flags = flags;
    segment.sequence = ends[direction].next;
    segment.acknowledgment = ends[direction].acknowledged;
    segment.payload = noPayload;
    segment.offset = 0;
    segment.count = 0;
    segment.fault = undefined;
    return segment;
  };
  const carrying = (
    at: number,
    direction: Direction,
    sequence: number,
    payload: Payload,
    offset: number,
    count: number,
    fault?: Segment['fault'],
  ): Segment => {
    bare(at, direction, offset + count === payload.length ? ACK | PSH : ACK);
    segment.sequence = sequence;
    segment.payload = payload;
    segment.offset = offset;
    segment.count = count;
    segment.fault = fault;
    return segment;
  };

  yield segment;
  ends.up.next = clientFirst + 1;
  let now = script.at + script.serverRttUs;
  bare(now, 'down', SYN | ACK);
  segment.syn = plainSyn;
  yield segment;
  segment.syn = undefined;
  ends.down.next = serverFirst + 1;
  ends.up.acknowledged = serverFirst + 1;
  now += script.clientRttUs;
  yield bare(now, 'up', ACK);

  // Acknowledgements under way from the end that listens, earliest first: times and numbers, from `sent` on.
  const dueAt: number[] = [];
  const upTo: number[] = [];
  let sent = 0;
  const forget = (): void => {
    dueAt.length = 0;
    upTo.length = 0;
    sent = 0;
  };

  let speaker: Direction = 'up';
  for (const { direction, payload, afterUs = 1, bytesPerSecond = DEFAULT_RATE, ...turn } of turns) {
    const listener = other(direction);
    const segmentBytes = turn.segmentBytes ?? DEFAULT_SEGMENT;
    if (direction !== speaker) {
      now += ends[direction].rttUs + afterUs;
      while (sent < dueAt.length && dueAt[sent]! < now) {
        ends[direction].acknowledged = upTo[sent]!;
        yield bare(dueAt[sent++]!, direction, ACK);
      }
      // What would leave at this very moment travels with the data.
      if (upTo.length > 0) ends[direction].acknowledged = upTo.at(-1)!;
      forget();
    } else now += afterUs;
    speaker = direction;
    let startedAt = now;
    let overtaken = -1;
    for (let offset = 0; offset < payload.length; offset += segmentBytes) {
      const count = Math.min(segmentBytes, payload.length - offset);
      now = Math.max(now, startedAt + Math.round((offset / bytesPerSecond) * 1e6));
      while (sent < dueAt.length && dueAt[sent]! < now) {
        ends[listener].acknowledged = upTo[sent]!;
        yield bare(dueAt[sent++]!, listener, ACK);
      }
      const isLast = offset + count === payload.length;
      const sequence = ends[direction].next;
      ends[direction].next += count;
      if (!isLast && overtaken < 0 && faults?.random.chance(faults.swapShare)) {
        overtaken = offset;
        continue;
      }
      yield carrying(now, direction, sequence, payload, offset, count);
      const fillsGap = overtaken >= 0;
      if (fillsGap) {
        now += OVERTAKEN_US;
        yield carrying(now, direction, sequence - segmentBytes, payload, overtaken, segmentBytes, 'reordered');
        overtaken = -1;
      }
      if (faults?.random.chance(faults.lossShare)) {
        const timeoutUs = Math.max(MIN_TIMEOUT_US, 2 * (script.serverRttUs + script.clientRttUs));
        now += timeoutUs;
        startedAt += timeoutUs;
        while (sent < dueAt.length && dueAt[sent]! < now) {
          ends[listener].acknowledged = upTo[sent]!;
          yield bare(dueAt[sent++]!, listener, ACK);
        }
        yield carrying(now, direction, sequence, payload, offset, count, 'retransmits');
      }
      // RFC 9293 3.8.6.3: at least every second full segment is acknowledged, and what fills a gap at once.
      if (isLast || fillsGap || Math.floor(offset / segmentBytes) % 2 === 1) {
        dueAt.push(now + ends[listener].rttUs);
        upTo.push(ends[direction].next);
      }
    }
  }
  const listener = other(speaker);
  for (; sent < dueAt.length; sent++) {
    ends[listener].acknowledged = upTo[sent]!;
    yield bare(dueAt[sent]!, listener, ACK);
  }
  if (close === undefined) return;

  now = segment.at + close.afterUs;
  if (close.how === 'rst') {
    yield bare(now, close.by, RST | ACK);
    return;
  }
  const answering = other(close.by);
  yield bare(now, close.by, FIN | ACK);
  ends[close.by].next++;
  ends[answering].acknowledged++;
  now += ends[answering].rttUs;
  yield bare(now, answering, FIN | ACK);
  ends[answering].next++;
  ends[close.by].acknowledged++;
  yield bare(now + ends[close.by].rttUs, close.by, ACK);
}
