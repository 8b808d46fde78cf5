/** A planted QUIC connection as the vantage sees it: handshake, turns of data with their acknowledgements, and the spin bit. */
import type { Random } from '../kit/random.ts';
import { type Direction, type Frame, FrameBuilder } from './frame.ts';
import type { Payload } from './payload.ts';
import {
  MIN_DATAGRAM_BYTES,
  toAckFrame,
  toClientInitial,
  toCryptoFrame,
  toOpaqueLong,
  toShortHead,
} from './quic-packet.ts';
import { Counter, type PlantedFlow } from './tally.ts';
import type { TcpScript } from './tcp-segments.ts';
import { type ClientHello, toClientHello } from './tls-handshake.ts';

export interface QuicScript extends Pick<TcpScript, 'path' | 'at' | 'serverRttUs' | 'clientRttUs' | 'turns'> {
  readonly hello: ClientHello;
  /** ClientHello bytes that an Initial packet carries at most; as many as fit without it. */
  readonly helloBytes?: number;
  /** What both ends do with the spin bit: turn it as RFC 9000 17.4 says (without it), leave it, or roll dice. */
  readonly spin?: 'turning' | 'still' | 'random';
  readonly random: Random;
}

const RECORD_HEADER_BYTES = 5;
const MAX_HELLO_BYTES = 1100;
const DEFAULT_RATE = 12_500_000;
const DEFAULT_PAYLOAD_BYTES = 1200;
/** Between datagrams that leave together. */
const GAP_US = 20;

const other = (direction: Direction): Direction => (direction === 'up' ? 'down' : 'up');

/** The message of a ClientHello, which in QUIC has no record around it. */
export const toQuicHello = (hello: ClientHello, random: Random): Uint8Array =>
  toClientHello(hello, random).subarray(RECORD_HEADER_BYTES);

/** The spin bits of both ends, at the vantage between them. */
class SpinBits {
  readonly #script: QuicScript;
  /** The packets that turned the bit, by the direction in which they went: [at, value]. */
  readonly #edges: Record<Direction, (readonly [number, number])[]> = { up: [], down: [] };

  constructor(script: QuicScript) {
    this.#script = script;
  }

  /** The bit of a packet that passes now. */
  of(direction: Direction, at: number): number {
    const { spin = 'turning', random, clientRttUs, serverRttUs } = this.#script;
    if (spin === 'still') return 0;
    if (spin === 'random') return random.between(0, 1);
    // Its sender had received what passed here a round trip to it earlier.
    const until = at - (direction === 'up' ? clientRttUs : serverRttUs);
    const received = this.#edges[other(direction)].findLast(([edgeAt]) => edgeAt <= until)?.[1];
    const value = direction === 'up' ? 1 - (received ?? 1) : (received ?? 0);
    const own = this.#edges[direction];
    if (own.at(-1)?.[1] !== value) own.push([at, value]);
    if (own.length > 4) own.shift();
    return value;
  }
}

function* connect(script: QuicScript, counter: Counter): Generator<Frame> {
  const { path, turns, random, serverRttUs, clientRttUs } = script;
  const { tally } = counter;
  const builder = new FrameBuilder(path);
  const spins = new SpinBits(script);
  const firstDestination = random.bytes(8);
  const ids: Record<Direction, Uint8Array> = { up: random.bytes(8), down: random.bytes(4) };
  const numbers: Record<Direction, number> = { up: 0, down: 0 };
  const rttUs: Record<Direction, number> = { up: clientRttUs, down: serverRttUs };

  const send = (at: number, direction: Direction, bytes: Uint8Array): Frame => {
    tally.conn_state = direction === 'down' ? 'SF' : tally.conn_state || 'S0';
    return counter.datagram(builder.udp(at, direction, bytes), direction, bytes.length);
  };
  const sendShort = (at: number, direction: Direction, payload?: Payload, offset = 0, count = 0): Frame => {
    const head = toShortHead(ids[direction], spins.of(direction, at), numbers[direction]++);
    return counter.datagram(builder.udp(at, direction, head, payload, offset, count), direction, head.length + count);
  };

  let now = script.at;
  const hello = toQuicHello(script.hello, random);
  const helloBytes = Math.min(script.helloBytes ?? MAX_HELLO_BYTES, MAX_HELLO_BYTES);
  let initials = 0;
  for (let offset = 0; offset < hello.length; offset += helloBytes) {
    const frames = toCryptoFrame(offset, hello.subarray(offset, offset + helloBytes));
    const initial = { destination: firstDestination, source: ids.down, number: initials, frames };
    yield send(now + initials++ * GAP_US, 'up', toClientInitial(initial));
  }
  now += serverRttUs;
  const serverInitial = toOpaqueLong('initial', ids.down, ids.up, 160, random);
  const serverHandshake = toOpaqueLong('handshake', ids.down, ids.up, MIN_DATAGRAM_BYTES - 160, random);
  const answeredAt = Math.max(now, tally.ended_at + GAP_US);
  tally.server_rtt_us = answeredAt - script.at;
  yield send(answeredAt, 'down', Buffer.concat([serverInitial, serverHandshake]));
  yield send(answeredAt + GAP_US, 'down', toOpaqueLong('handshake', ids.down, ids.up, MIN_DATAGRAM_BYTES, random));
  now = answeredAt + Math.max(clientRttUs, 2 * GAP_US);
  tally.client_rtt_us = now - answeredAt;
  const ack = { destination: ids.up, source: ids.down, number: initials, frames: toAckFrame(0), firstDestination };
  const finished = toOpaqueLong('handshake', ids.up, ids.down, 100, random);
  const initialBytes = MIN_DATAGRAM_BYTES - finished.length;
  yield send(now, 'up', Buffer.concat([toClientInitial({ ...ack, bytes: initialBytes }), finished]));

  // Acknowledgements under way from the end that listens, earliest first; the first confirms the handshake.
  const waiting: number[] = [now + serverRttUs];
  function* acknowledge(from: Direction, until: number): Generator<Frame> {
    while (waiting.length > 0 && waiting[0]! < until) yield sendShort(waiting.shift()!, from);
  }

  let speaker: Direction = 'up';
  for (const turn of turns) {
    const { direction, payload, afterUs = 1, bytesPerSecond = DEFAULT_RATE } = turn;
    const datagramBytes = turn.segmentBytes ?? DEFAULT_PAYLOAD_BYTES;
    if (direction !== speaker) {
      now += rttUs[direction] + afterUs;
      yield* acknowledge(direction, now);
      // What would leave at this very moment travels with the data.
      waiting.length = 0;
    } else now += afterUs;
    speaker = direction;
    const startedAt = now;
    for (let offset = 0; offset < payload.length; offset += datagramBytes) {
      const count = Math.min(datagramBytes, payload.length - offset);
      now = Math.max(now, startedAt + Math.round((offset / bytesPerSecond) * 1e6));
      yield* acknowledge(other(direction), now);
      yield sendShort(now, direction, payload, offset, count);
      // RFC 9000 13.2.2: every second packet that asks for it is acknowledged.
      const isLast = offset + count === payload.length;
      if (isLast || Math.floor(offset / datagramBytes) % 2 === 1) waiting.push(now + rttUs[other(direction)]);
    }
  }
  yield* acknowledge(other(speaker), Number.POSITIVE_INFINITY);
}

/**
 * A connection of QUIC version 1 that is accepted: one or more Initial packets with the ClientHello, the server's
 * answer, the client's, and then packets under short headers.
 *
 * @example quicConnection({ path, at, serverRttUs, clientRttUs, hello: { serverName, alpn: ['h3'] }, turns, random })
 */
export const quicConnection = (script: QuicScript): PlantedFlow => {
  const counter = new Counter(script.path, 'udp');
  return { at: script.at, frames: connect(script, counter), tally: counter.tally };
};
