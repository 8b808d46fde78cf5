/** What connections of a planted operator carry, as turns: chat with its time-outs, transfers at the rate that path and windows allow. */
import type { Random } from '../../kit/random.ts';
import { MINUTE, SECOND } from '../../kit/time.ts';
import type { Direction } from '../frame.ts';
import { literal, opaque, type Payload, tlsRecords } from '../payload.ts';
import type { TcpScript, Turn } from '../tcp-segments.ts';
import { toClientHello, toFinished, toServerHello } from '../tls-handshake.ts';
import type { BusyClock } from './busy-clock.ts';
import type { Host } from './host.ts';
import type { Content, OperatorPreset } from './preset.ts';
import type { Subscriber } from './subscriber.ts';

export type Script = Pick<TcpScript, 'turns' | 'close'>;
type Timing = Pick<TcpScript, 'at' | 'serverRttUs' | 'clientRttUs'>;

/** The first bytes that WhatsApp sent on 5222 in those years. */
const chatGreeting = literal(Uint8Array.of(0x57, 0x41, 0x01, 0x05));
const RECEIPT_BYTES = 24;
/** Of one connection; a bound, not a habit. */
const MAX_ROUNDS = 2000;
/** A telephone that has done its business hangs up soon. */
const HANG_UP_US = 2000;

export const drawContent = (random: Random, { median, sigma, least, most }: Content): number =>
  Math.round(Math.min(most, Math.max(least, random.logNormal(median, sigma))));

/** A number from 0 on with the given mean. */
const geometric = (random: Random, mean: number): number =>
  Math.floor(Math.log(1 - random.unit()) / Math.log(mean / (1 + mean)));

/** Bytes per second that a path gives: what the radio has, or a window each round trip, if that is less. */
const rateOf = (
  { downRate, upRate }: Subscriber,
  { downWindow, upWindow }: OperatorPreset['access'],
  direction: Direction,
  { serverRttUs, clientRttUs }: Timing,
): number => {
  const perSecond = SECOND / (serverRttUs + clientRttUs);
  return direction === 'down' ? Math.min(downRate, downWindow * perSecond) : Math.min(upRate, upWindow * perSecond);
};

/** The messages of TLS that begin connections: those of a host are all alike. */
export class Handshakes {
  readonly #hello: Payload;
  readonly #finished: Payload;
  readonly #random: Random;
  /** By number of the host, with and without its name. */
  readonly #named: Payload[] = [];
  readonly #nameless: Payload;

  constructor(random: Random) {
    this.#random = random;
    this.#hello = literal(toServerHello(random));
    this.#finished = literal(toFinished(random));
    this.#nameless = literal(toClientHello({}, random), { isEchOffered: false });
  }

  /** A resumed session (RFC 5246 7.3). */
  turns(host: Host, showsName: boolean): Turn[] {
    return [
      { direction: 'up', payload: showsName ? this.#namedHello(host) : this.#nameless },
      { direction: 'down', payload: this.#hello, afterUs: 500 },
      { direction: 'up', payload: this.#finished, afterUs: 300 },
    ];
  }

  #namedHello({ index, name }: Host): Payload {
    this.#named[index] ??= literal(toClientHello({ serverName: name }, this.#random), {
      sni: name,
      isEchOffered: false,
    });
    return this.#named[index];
  }
}

/** A chat connection, and when the subscriber is about to write or read again. */
export interface Chat {
  readonly script: Script;
  readonly sent: number;
  readonly received: number;
  readonly nextAt: number;
  /** Did the failure of the service end it? */
  readonly isCut: boolean;
}

const signIn = (random: Random): Turn[] => [
  { direction: 'up', payload: chatGreeting },
  { direction: 'up', payload: opaque(random.between(60, 180)), afterUs: 50 },
  { direction: 'down', payload: opaque(random.between(100, 300)), afterUs: 2000 },
];

/** A connection that is accepted and then reset before anything is said. */
export const refusedChat = (random: Random): Script => ({
  turns: signIn(random).slice(0, 2),
  close: { by: 'down', how: 'rst', afterUs: Math.round(random.exponential(2 * SECOND)) },
});

/**
 * Rounds of messages as long as the next one comes before the time-out of the telephone; then the telephone hangs up.
 *
 * @param failsAt when the service resets its connections
 */
export const chatScript = (
  { random, activity, chatTimeoutUs }: Subscriber,
  { chat }: OperatorPreset,
  clock: BusyClock,
  at: number,
  failsAt: number,
): Chat => {
  const turns = signIn(random);
  const messageBytes = (count: number): number => {
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += drawContent(random, chat.message);
    return bytes;
  };
  const lost = { script: { turns }, isCut: false };
  let sent = 0;
  let received = 0;
  let now = at;
  let afterUs = SECOND;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const up = geometric(random, chat.sentPerRound);
    const down = Math.max(up === 0 ? 1 : 0, geometric(random, chat.receivedPerRound));
    // Each side confirms what it got; confirmations travel with messages where there are any.
    const upTurn = (after: number): Turn => {
      const payload = opaque(messageBytes(up) + RECEIPT_BYTES * (down > 0 ? 1 : 0));
      return { direction: 'up', payload, afterUs: after };
    };
    if (down > 0) turns.push({ direction: 'down', payload: opaque(messageBytes(down)), afterUs });
    turns.push(upTurn(down > 0 ? 20_000 : afterUs));
    if (up > 0) turns.push({ direction: 'down', payload: opaque(RECEIPT_BYTES), afterUs: 1500 });
    sent += up;
    received += down;
    now += afterUs;
    const gapUs = random.logNormal(chat.gapMinutes * MINUTE, chat.gapSigma) / activity;
    const nextAt = clock.after(now, gapUs);
    const waitUs = nextAt - now;
    const resetUs = failsAt + Math.round(random.exponential(40 * SECOND)) - now;
    if (at < failsAt && failsAt <= nextAt && resetUs < chatTimeoutUs) {
      const close = { by: 'down', how: 'rst', afterUs: Math.max(1, resetUs) } as const;
      return { script: { turns, close }, sent, received, isCut: true, nextAt: now + Math.max(1, resetUs) };
    }
    if (waitUs > chatTimeoutUs) {
      if (random.chance(chat.lostShare)) return { ...lost, sent, received, nextAt };
      const close = { by: 'up', how: 'fin', afterUs: chatTimeoutUs } as const;
      return { script: { turns, close }, sent, received, isCut: false, nextAt };
    }
    afterUs = waitUs;
  }
  return { ...lost, sent, received, nextAt: now + 2 * chatTimeoutUs };
};

export interface Transfer {
  readonly subscriber: Subscriber;
  readonly access: OperatorPreset['access'];
  readonly timing: Timing;
  readonly direction: Direction;
  readonly bytes: number;
  /** Silence after which the telephone hangs up; 0: when all is there. */
  readonly closesAfterUs: number;
  /** The server resets it when it is asked. */
  readonly fails: boolean;
}

/** A file over a TLS connection of its own. */
export const transferScript = (
  opening: readonly Turn[],
  { subscriber, access, timing, direction, bytes, closesAfterUs, fails }: Transfer,
): Script => {
  const { random } = subscriber;
  const request: Turn = { direction: 'up', payload: tlsRecords(random.between(300, 700)), afterUs: 50 };
  const turns = [...opening, request];
  if (fails) return { turns, close: { by: 'down', how: 'rst', afterUs: Math.round(random.exponential(SECOND)) } };
  const bytesPerSecond = rateOf(subscriber, access, direction, timing);
  turns.push({ direction, payload: tlsRecords(bytes), afterUs: 3000, bytesPerSecond });
  if (direction === 'up') turns.push({ direction: 'down', payload: tlsRecords(400), afterUs: 5000 });
  return { turns, close: { by: 'up', how: 'fin', afterUs: closesAfterUs || HANG_UP_US } };
};
