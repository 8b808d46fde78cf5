/** A planted scene: WhatsApp in February 2014 in the network of a made-up operator, with everything that must be found in it. */
import { Random } from '../kit/random.ts';
import { HOUR } from '../kit/time.ts';
import type { MeasuredFlow } from '../tickets/measured-flow.ts';
import { devices } from './device.ts';
import type { Frame } from './frame.ts';
import { ipv6Case, plantedCases } from './planted-cases.ts';
import { PlantedClient } from './planted-client.ts';
import { measure, play } from './play.ts';
import { subscriberLife } from './subscriber-life.ts';
import type { Truth, TruthBook } from './truth.ts';

export interface PlantOptions {
  readonly seed: number;
  /** Ordinary subscribers; the hard cases have theirs besides. At most 16384. */
  readonly clients: number;
  /** UTC microseconds; by default Tuesday 18 February 2014, 18:00, four days before the outage. */
  readonly startAt?: number;
  /** Span in which ordinary subscribers begin flows; the hard cases take 62 minutes whatever it is. */
  readonly hours?: number;
  /** Mean numbers an hour and subscriber at the busiest time of day. */
  readonly chatsPerHour?: number;
  readonly mediaPerHour?: number;
  readonly pagesPerHour?: number;
}

export interface PlantedScene {
  /** Packets in the order of time, made while they are read, once. */
  readonly frames: Iterable<Frame>;
  /** Instead of them: TCP connections as they are to be measured, the packets of all else. */
  readonly measured: (burstIdleUs: number) => Iterable<Frame | MeasuredFlow>;
  /** Call it when all frames were read. */
  readonly truth: () => Truth;
}

const RESOLVER = '10.0.0.53';
const RESOLVER_IPV6 = '2001:db8::53';

/**
 * Plants the scene. The same options give the same packets.
 *
 * @example
 * const scene = plantedWhatsApp({ seed: 1, clients: 20 });
 * writePcap('planted.pcap', scene.frames);
 * const { flows, dns } = scene.truth();
 */
export const plantedWhatsApp = (options: PlantOptions): PlantedScene => {
  const { seed, clients, startAt = Date.UTC(2014, 1, 18, 18) * 1000, hours = 1 } = options;
  const { chatsPerHour = 2, mediaPerHour = 3, pagesPerHour = 10 } = options;
  const habits = { startAt, endAt: startAt + hours * HOUR, chatsPerHour, mediaPerHour, pagesPerHour };
  const random = new Random(seed);
  const book: TruthBook = { flows: [], dns: [] };

  const subscribers = Array.from({ length: clients }, (_, i) => {
    const own = random.fork(i);
    const address = `10.${64 + (i >> 8)}.${i & 255}.${2 + (i % 250)}`;
    return subscriberLife(
      new PlantedClient(
        book,
        address,
        RESOLVER,
        own.weighted(devices, ({ share }) => share),
        own,
      ),
      habits,
    );
  });
  const cases = plantedCases.map((plantedCase, i) => {
    const client = new PlantedClient(book, `10.9.0.${i + 1}`, RESOLVER, devices[i % 2]!, random.fork(-1 - i));
    return plantedCase(client, startAt + i * 1_000_000);
  });
  const ipv6Client = new PlantedClient(book, '2001:db8:a::9', RESOLVER_IPV6, devices[0]!, random.fork(-1000));

  const openings = [...cases, ipv6Case(ipv6Client, startAt), ...subscribers];
  return {
    frames: play(openings),
    measured: (burstIdleUs) => measure(openings, burstIdleUs),
    truth: () => ({
      seed,
      flows: book.flows.toSorted((x, y) => x.started_at - y.started_at),
      dns: book.dns.toSorted((x, y) => x.asked_at - y.asked_at),
    }),
  };
};
