/** A planted TCP connection as the vantage sees it: handshake, turns of data with their acknowledgements, and its end. */
import type { Random } from '../kit/random.ts';
import { TcpFlag } from '../packet/layers.ts';
import { type Direction, type Frame, FrameBuilder, type Path, type TcpHeader } from './frame.ts';
import type { Payload } from './payload.ts';
import { Counter, type PlantedFlow } from './tally.ts';

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
  readonly close?: { readonly by: Direction; readonly how: 'fin' | 'rst'; readonly afterUs: number };
  readonly syn?: SynProfile;
  /** Nothing goes wrong without it. */
  readonly faults?: Faults;
}

const { FIN, SYN, RST, PSH, ACK } = TcpFlag;
const WINDOW = 29_200;
const DEFAULT_SEGMENT = 1380;
const DEFAULT_RATE = 12_500_000;
/** The least time-out of common systems (RFC 6298 would have a second). */
const MIN_TIMEOUT_US = 200_000;
/** How late an overtaken segment is. */
const OVERTAKEN_US = 20;
/** Maximum segment size 1400, selective acknowledgement permitted. */
export const plainSyn: SynProfile = { window: WINDOW, options: Uint8Array.of(2, 4, 5, 120, 1, 1, 4, 2) };
const connStates = { up: { fin: 'SF', rst: 'RSTO' }, down: { fin: 'SF', rst: 'RSTR' } } as const;

/** One end as far as its numbers go. */
interface End {
  readonly rttUs: number;
  /** Sequence number of the next byte. */
  next: number;
  /** What this end has acknowledged: the next byte it expects. */
  acknowledged: number;
}

interface Acknowledgment {
  readonly at: number;
  readonly number: number;
}

const other = (direction: Direction): Direction => (direction === 'up' ? 'down' : 'up');

/** Initial sequence numbers: any will do, but equal ones would hide mistakes, and some must wrap. */
export const initialSequence = (at: number, port: number): number => (Math.imul(port, 0x9e3779b1) ^ at) >>> 0;

function* connect(script: TcpScript, counter: Counter): Generator<Frame> {
  const { path, turns, close, faults } = script;
  const { tally } = counter;
  const builder = new FrameBuilder(path);
  const clientFirst = initialSequence(script.at, path.client.port);
  const serverFirst = initialSequence(script.at, path.client.port + path.server.port);
  const ends: Record<Direction, End> = {
    up: { rttUs: script.clientRttUs, next: clientFirst + 1, acknowledged: serverFirst + 1 },
    down: { rttUs: script.serverRttUs, next: serverFirst + 1, acknowledged: clientFirst + 1 },
  };
  const header = (direction: Direction, flags: number): TcpHeader => ({
    sequence: ends[direction].next,
    acknowledgment: ends[direction].acknowledged,
    flags,
    window: WINDOW,
  });
  const bare = (at: number, direction: Direction, flags: number): Frame =>
    counter.add(builder.tcp(at, direction, header(direction, flags)), direction, 0);

  let now = script.at;
  const syn = { sequence: clientFirst, acknowledgment: 0, flags: SYN, ...(script.syn ?? plainSyn) };
  yield counter.add(builder.tcp(now, 'up', syn), 'up', 0);
  tally.up_syns = 1;
  now += script.serverRttUs;
  const synAck = { sequence: serverFirst, acknowledgment: clientFirst + 1, flags: SYN | ACK, ...plainSyn };
  yield counter.add(builder.tcp(now, 'down', synAck), 'down', 0);
  tally.down_syns = 1;
  tally.server_rtt_us = script.serverRttUs;
  now += script.clientRttUs;
  yield bare(now, 'up', ACK);
  tally.client_rtt_us = script.clientRttUs;
  tally.conn_state = 'S1';

  // Acknowledgements under way from the end that listens, earliest first.
  const waiting: Acknowledgment[] = [];
  function* acknowledge(from: Direction, until: number): Generator<Frame> {
    while (waiting.length > 0 && waiting[0]!.at < until) {
      const { at, number } = waiting.shift()!;
      ends[from].acknowledged = number;
      yield bare(at, from, ACK);
    }
  }

  let speaker: Direction = 'up';
  for (const { direction, payload, afterUs = 1, bytesPerSecond = DEFAULT_RATE, ...turn } of turns) {
    const listener = other(direction);
    const segmentBytes = turn.segmentBytes ?? DEFAULT_SEGMENT;
    if (direction !== speaker) {
      now += ends[direction].rttUs + afterUs;
      yield* acknowledge(direction, now);
      // What would leave at this very moment travels with the data.
      for (const { number } of waiting.splice(0)) ends[direction].acknowledged = number;
    } else now += afterUs;
    speaker = direction;
    let startedAt = now;
    let overtaken: { readonly frame: Frame; readonly count: number } | undefined;
    for (let offset = 0; offset < payload.length; offset += segmentBytes) {
      const count = Math.min(segmentBytes, payload.length - offset);
      now = Math.max(now, startedAt + Math.round((offset / bytesPerSecond) * 1e6));
      yield* acknowledge(listener, now);
      const isLast = offset + count === payload.length;
      const segment = header(direction, isLast ? ACK | PSH : ACK);
      const frame = builder.tcp(now, direction, segment, payload, offset, count);
      ends[direction].next += count;
      if (!isLast && overtaken === undefined && faults?.random.chance(faults.swapShare)) {
        overtaken = { frame, count };
        continue;
      }
      yield counter.add(frame, direction, count);
      const fillsGap = overtaken !== undefined;
      if (overtaken !== undefined) {
        now += OVERTAKEN_US;
        yield counter.add({ ...overtaken.frame, at: now }, direction, overtaken.count);
        counter.countFault(direction, 'reordered');
        overtaken = undefined;
      }
      if (faults?.random.chance(faults.lossShare)) {
        const timeoutUs = Math.max(MIN_TIMEOUT_US, 2 * (script.serverRttUs + script.clientRttUs));
        now += timeoutUs;
        startedAt += timeoutUs;
        yield* acknowledge(listener, now);
        yield counter.add(builder.tcp(now, direction, segment, payload, offset, count), direction, 0);
        counter.countFault(direction, 'retransmits');
      }
      // RFC 9293 3.8.6.3: at least every second full segment is acknowledged, and what fills a gap at once.
      if (isLast || fillsGap || Math.floor(offset / segmentBytes) % 2 === 1) {
        waiting.push({ at: now + ends[listener].rttUs, number: ends[direction].next });
      }
    }
  }
  const lastPayloadAt = now;
  yield* acknowledge(other(speaker), Number.POSITIVE_INFINITY);
  if (close === undefined) return;

  now = tally.ended_at + close.afterUs;
  tally.closing_idle_us = tally.transfer_us === null ? null : now - lastPayloadAt;
  tally.conn_state = connStates[close.by][close.how];
  tally.end_reason = close.how;
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

/** A connection that is accepted. */
export const tcpConnection = (script: TcpScript): PlantedFlow => {
  const counter = new Counter(script.path, 'tcp');
  return { at: script.at, frames: connect(script, counter), tally: counter.tally };
};
