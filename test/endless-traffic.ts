/** Traffic without an end: clients come and go over days, ask for names of which there are always new ones, on all links; and what must be counted of it. */
import { Random } from '../src/kit/random.ts';
import { parseAddress } from '../src/packet/address.ts';
import { devices } from '../src/synth/device.ts';
import { toDnsMessage } from '../src/synth/dns-message.ts';
import { failedConnection } from '../src/synth/failed-connection.ts';
import type { Frame, Path } from '../src/synth/frame.ts';
import { toHttpRequest, toHttpResponse } from '../src/synth/http-message.ts';
import { literal, opaque, tlsRecords } from '../src/synth/payload.ts';
import { type Opening, play } from '../src/synth/play.ts';
import { quicConnection } from '../src/synth/quic-connection.ts';
import { tlsOpening } from '../src/synth/scripts.ts';
import type { PlantedFlow } from '../src/synth/tally.ts';
import { tcpConnection } from '../src/synth/tcp-connection.ts';
import type { TcpScript } from '../src/synth/tcp-segments.ts';
import { udpExchange } from '../src/synth/udp-exchange.ts';
import { encapsulations } from './encapsulations.ts';

const START = Date.UTC(2014, 1, 18) * 1000;
const MEAN_PAUSE_US = 300_000_000;
const VISITS_A_CLIENT = 50;
const SITES = 2_000_000;
const IPV6_SHARE = 0.1;
const MAX_BYTES = 200_000;

/** Sums over all flows, named as the columns. */
export const summedColumns = [
  'up_packets',
  'down_packets',
  'up_bytes',
  'down_bytes',
  'up_payload',
  'down_payload',
  'up_syns',
  'down_syns',
  'up_retransmits',
  'down_retransmits',
  'up_reordered',
  'down_reordered',
] as const;

export type Sums = Record<(typeof summedColumns)[number], number>;

export const noSums = (): Sums => Object.fromEntries(summedColumns.map((name) => [name, 0])) as Sums;

const clientAddress = (client: number, isIpv6: boolean): string =>
  isIpv6
    ? `2001:db8:c::${(client >> 16).toString(16)}:${(client & 0xffff).toString(16)}`
    : `10.${(client >> 16) & 127}.${(client >> 8) & 255}.${client & 255}`;

const serverAddress = (site: number, isIpv6: boolean): string =>
  isIpv6
    ? `2001:db8:5::${(site % 40_000).toString(16)}`
    : `198.${18 + ((site >> 16) & 1)}.${(site >> 8) & 255}.${site & 255}`;

/** The connection of a visit: mostly TLS, some HTTP and QUIC, some that fail or are left open. */
const connectionOf = (random: Random, script: Omit<TcpScript, 'turns'>, name: string, agent: string): PlantedFlow => {
  const bytes = Math.round(Math.min(MAX_BYTES, random.logNormal(2500, 1.2)));
  const download = { direction: 'down', payload: tlsRecords(bytes), afterUs: 5000, bytesPerSecond: 150_000 } as const;
  const kind = random.unit();
  if (kind < 0.04) return failedConnection({ ...script, ...(kind < 0.02 && { serverRttUs: script.serverRttUs }) });
  if (kind < 0.1) {
    const turns = [{ direction: 'up', payload: opaque(300) } as const, download];
    return quicConnection({ ...script, hello: { serverName: name, alpn: ['h3'] }, turns, random });
  }
  const faults = { random, lossShare: 0.01, swapShare: 0.005 };
  if (kind < 0.25) {
    const turns = [
      { direction: 'up', payload: literal(toHttpRequest(name, '/', agent)) },
      { direction: 'down', payload: literal(toHttpResponse('text/html', bytes)), afterUs: 5000 },
      { ...download, payload: opaque(bytes) },
    ] as const;
    const path = { ...script.path, server: { ...script.path.server, port: 80 } };
    return tcpConnection({ ...script, path, turns, faults, close: { by: 'down', how: 'fin', afterUs: 100_000 } });
  }
  const turns = [...tlsOpening(random, { serverName: name, alpn: ['h2'] }), download];
  const close = { by: 'up', how: kind < 0.9 ? 'fin' : 'rst', afterUs: 50_000 } as const;
  return tcpConnection({ ...script, turns, faults, ...(kind < 0.97 && { close }) });
};

/** Packets of the endless scene; what they add up to is in `sums`. */
export class EndlessTraffic {
  /** Of the flows that are over. */
  readonly sums = noSums();
  readonly #random: Random;
  #isStopped = false;
  readonly #frames: Iterator<Frame>;

  constructor(seed: number, clientsAtOnce: number) {
    this.#random = new Random(seed);
    this.#frames = play(Array.from({ length: clientsAtOnce }, (_, slot) => this.#clients(slot, clientsAtOnce)));
  }

  /** The next frame, and the link on which it is. */
  next(): { readonly frame: Frame; readonly linkType: number } | undefined {
    const result = this.#frames.next();
    if (result.done) return undefined;
    const frame = result.value;
    // All packets of an end are on one link; which one is told by its address.
    const { wrap, linkType } = encapsulations[linkOf(frame)]!;
    return { frame: wrap(frame), linkType };
  }

  /** From now on no flow begins, and `next` gives undefined when all are over. */
  stop(): void {
    this.#isStopped = true;
  }

  /** The flow as an opening that is added to the sums at its end. */
  #counted({ at, frames, tally }: PlantedFlow): Opening {
    const next = (): IteratorResult<Frame> => {
      const result = frames.next();
      if (result.done) for (const name of summedColumns) this.sums[name] += tally[name] ?? 0;
      return result;
    };
    return { at, frames: { next } };
  }

  /** One client after the other, in a place of its own. */
  *#clients(slot: number, slots: number): Generator<Opening> {
    let at = START + this.#random.fork(slot).between(0, MEAN_PAUSE_US);
    for (let generation = 0; !this.#isStopped; generation++) {
      const client = generation * slots + slot;
      at = yield* this.#life(client, at);
    }
  }

  *#life(client: number, from: number): Generator<Opening, number> {
    const random = this.#random.fork(client);
    const isIpv6 = random.chance(IPV6_SHARE);
    const device = random.weighted(devices, ({ share }) => share);
    const address = parseAddress(clientAddress(client, isIpv6))!;
    const resolver = { address: parseAddress(isIpv6 ? '2001:db8::53' : '10.255.255.53')!, port: 53 };
    const common = { clientTtl: device.ttl - 1, serverTtl: 52, bulkSnaplen: 24 };
    let at = from;
    for (let visit = 0; visit < VISITS_A_CLIENT && !this.#isStopped; visit++) {
      const site = Math.floor(SITES * random.unit() ** 2);
      const name = `h${site}.site${site % 5000}.example`;
      const data = serverAddress(site, isIpv6);
      const question = { id: random.between(0, 65_535), name, type: isIpv6 ? 'AAAA' : 'A' } as const;
      const response = { rcode: 'NOERROR', answers: [{ name, type: question.type, ttlS: 300, data }] } as const;
      const answeredAt = at + random.between(1000, 40_000);
      const lookup: Path = { ...common, client: { address, port: 40_000 + (visit % 5) }, server: resolver };
      yield this.#counted(
        udpExchange(lookup, [
          { at, direction: 'up', bytes: toDnsMessage(question) },
          { at: answeredAt, direction: 'down', bytes: toDnsMessage({ ...question, response }) },
        ]),
      );
      const script = {
        path: {
          ...common,
          client: { address, port: 41_000 + visit },
          server: { address: parseAddress(data)!, port: 443 },
        },
        at: answeredAt + random.between(100, 5000),
        serverRttUs: random.between(5000, 120_000),
        clientRttUs: random.between(10_000, 90_000),
        syn: device.syn,
      };
      yield this.#counted(connectionOf(random, script, name, device.userAgent));
      at = answeredAt + 10_000 + Math.round(random.exponential(MEAN_PAUSE_US));
    }
    return at;
  }
}

const IS_IPV6 = 0x86;
/** The last byte of the client's address, of a frame in either direction. */
const linkOf = ({ bytes }: Frame): number => {
  const up = bytes[5] === 2;
  const last = bytes[12] === IS_IPV6 ? (up ? 37 : 53) : up ? 29 : 33;
  return bytes[last]! % encapsulations.length;
};
