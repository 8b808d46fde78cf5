/** What flows of the planted scene carry: chat, media and pages, as turns of a TCP connection. */

import type { Random } from '../kit/random.ts';
import { SECOND } from '../kit/time.ts';
import type { Device } from './device.ts';
import type { Direction } from './frame.ts';
import { toHttpRequest, toHttpResponse } from './http-message.ts';
import { literal, opaque, type Payload, tlsRecords } from './payload.ts';
import type { TcpScript, Turn } from './tcp-segments.ts';
import { type ClientHello, toClientHello, toFinished, toServerHello } from './tls-handshake.ts';

export type Script = Pick<TcpScript, 'turns' | 'close'>;

/** Transfer rates of 3G, bytes per second: medians, and the ceilings of the study of 2014 (1.5 Mbit/s down, 800 kbit/s up). */
const rates = { down: { median: 70_000, ceiling: 187_500 }, up: { median: 40_000, ceiling: 100_000 } } as const;

const rateOf = (random: Random, direction: Direction): number =>
  Math.min(rates[direction].ceiling, random.logNormal(rates[direction].median, 0.7));

/** The first bytes that WhatsApp sent on 5222 in those years: no name in them, nor in what follows. */
const chatGreeting = Uint8Array.of(0x57, 0x41, 0x01, 0x05);

/** Messages both ways, then silence until the time-out of the client's system, at which the client hangs up. */
export const chatScript = (random: Random, device: Device, messages: number): Script => {
  const turns: Turn[] = [
    { direction: 'up', payload: literal(chatGreeting) },
    { direction: 'up', payload: opaque(random.between(60, 180)), afterUs: 50 },
    { direction: 'down', payload: opaque(random.between(100, 300)), afterUs: 2000 },
  ];
  for (let i = 0; i < messages; i++) {
    // The study counts 2.2 messages received for one sent.
    const direction = random.chance(1 / 3.2) ? 'up' : 'down';
    const afterUs = Math.round(Math.min(150, random.exponential(25)) * SECOND);
    turns.push({ direction, payload: opaque(Math.round(random.logNormal(120, 0.8)) + 20), afterUs });
    // Each message is confirmed by the other side.
    turns.push({ direction: direction === 'up' ? 'down' : 'up', payload: opaque(24), afterUs: 1000 });
  }
  return { turns, close: { by: 'up', how: 'fin', afterUs: random.pick(device.chatTimeoutsUs) } };
};

const clientHello = (hello: ClientHello, random: Random): Payload =>
  literal(toClientHello(hello, random), {
    isEchOffered: hello.echBytes !== undefined,
    ...(hello.serverName && { sni: hello.serverName }),
    ...(hello.alpn && { alpn: hello.alpn }),
  });

const httpRequest = (host: string, userAgent: string): Payload =>
  literal(toHttpRequest(host, '/index.html', userAgent), { host, userAgent });

/** The handshake of a resumed TLS session; the ClientHello may be cut into segments. */
export const tlsOpening = (random: Random, hello: ClientHello, segmentBytes?: number): readonly Turn[] => [
  { direction: 'up', payload: clientHello(hello, random), ...(segmentBytes && { segmentBytes }) },
  { direction: 'down', payload: literal(toServerHello(random)), afterUs: 500 },
  { direction: 'up', payload: literal(toFinished(random)), afterUs: 300 },
];

/** One file over one TLS connection, as WhatsApp moved media. */
export const mediaScript = (
  random: Random,
  device: Device,
  serverName: string,
  direction: Direction,
  bytes: number,
): Script => ({
  turns: [
    ...tlsOpening(random, { serverName }),
    { direction: 'up', payload: tlsRecords(random.between(300, 700)), afterUs: 50 },
    ...(direction === 'up'
      ? ([
          { direction, payload: tlsRecords(bytes), afterUs: 100, bytesPerSecond: rateOf(random, direction) },
          { direction: 'down', payload: tlsRecords(400), afterUs: 5000 },
        ] as const)
      : ([
          { direction, payload: tlsRecords(bytes), afterUs: 3000, bytesPerSecond: rateOf(random, direction) },
        ] as const)),
  ],
  close: { by: 'up', how: 'fin', afterUs: device.mediaTimeoutUs || 2000 },
});

/** A page over TLS; without a server name it can be called only by what the resolver said. */
export const tlsPageScript = (random: Random, hello: ClientHello, bytes: number): Script => ({
  turns: [
    ...tlsOpening(random, hello),
    { direction: 'up', payload: tlsRecords(random.between(200, 900)), afterUs: 50 },
    { direction: 'down', payload: tlsRecords(bytes), afterUs: 8000, bytesPerSecond: rateOf(random, 'down') },
  ],
  close: { by: 'down', how: 'fin', afterUs: 5 * SECOND },
});

/** A page over HTTP/1.1. */
export const httpPageScript = (random: Random, device: Device, host: string, bytes: number): Script => ({
  turns: [
    { direction: 'up', payload: httpRequest(host, device.userAgent) },
    { direction: 'down', payload: literal(toHttpResponse('text/html', bytes)), afterUs: 8000 },
    { direction: 'down', payload: opaque(bytes), afterUs: 10, bytesPerSecond: rateOf(random, 'down') },
  ],
  close: { by: 'down', how: 'fin', afterUs: 1000 },
});
