/** An ordinary subscriber of the planted scene: chats, sends and receives media, and uses other services too. */

import { HOUR, MINUTE } from '../kit/time.ts';
import { activityAt, chatHosts, controlHost, type Host, mediaHosts, sharedHosts } from './hosting.ts';
import type { Destination, PlantedClient } from './planted-client.ts';
import type { Opening } from './play.ts';
import { chatScript, httpPageScript, mediaScript, type Script, tlsPageScript } from './scripts.ts';

export interface Habits {
  readonly startAt: number;
  readonly endAt: number;
  /** Mean numbers an hour, at the busiest time of day. */
  readonly chatsPerHour: number;
  readonly mediaPerHour: number;
  readonly pagesPerHour: number;
}

/** How often media are of a class, and their sizes in bytes: medians, and deviations of the logarithm; assumptions. */
const media = [
  { class: 'image', share: 0.55, median: 70_000, sigma: 0.7, ceiling: 1_500_000 },
  { class: 'audio', share: 0.3, median: 40_000, sigma: 1, ceiling: 3_000_000 },
  { class: 'video', share: 0.15, median: 900_000, sigma: 0.9, ceiling: 12_000_000 },
] as const;

/** Share of the media that the subscriber sends; the study counts 2.2 received for one sent. */
const SENT_SHARE = 1 / 3.2;
/** Share of the connections to an address that is cached beyond its time to live, and to one that no resolver gave. */
const STALE_SHARE = 0.08;
const HARD_CODED_SHARE = 0.03;

/** Finds a server of the host as a telephone does, by its cache or its resolver, and connects. */
function* visit(
  client: PlantedClient,
  at: number,
  host: Host,
  destination: Omit<Destination, 'server' | 'service' | 'class'>,
  script: Script,
): Generator<Opening> {
  const { random } = client;
  const of = { ...destination, service: host.service, class: host.class };
  const isHardCoded = random.chance(HARD_CODED_SHARE);
  const cached = random.chance(STALE_SHARE) ? client.known.latest(host.name) : client.known.cached(host.name, at);
  if (isHardCoded || cached !== undefined) {
    const server = random.pick(isHardCoded ? host.addresses : cached!.servers);
    yield client.connect(at, { ...of, server }, script);
    return;
  }
  const first = random.between(0, host.addresses.length - 1);
  const rotated = [...host.addresses.slice(first), ...host.addresses.slice(0, first)];
  const latencyUs = Math.round(random.logNormal(18_000, 0.8)) + 2000;
  yield client.ask(at, {
    name: host.name,
    latencyUs,
    answers: rotated.map((data) => ({ name: host.name, type: 'A', ttlS: host.ttlS, data })),
  });
  const connectAt = at + latencyUs + random.between(500, 60_000);
  yield client.connect(connectAt, { ...of, server: rotated[0]! }, script);
}

function* chat(client: PlantedClient, at: number): Generator<Opening> {
  const script = chatScript(client.random, client.device, client.random.between(2, 20));
  yield* visit(client, at, client.random.pick(chatHosts), { port: 5222, scenario: 'chat' }, script);
}

function* transfer(client: PlantedClient, at: number): Generator<Opening> {
  const { random, device } = client;
  const kind = random.weighted(media, ({ share }) => share);
  const host = random.pick(mediaHosts[kind.class]);
  const bytes = Math.round(Math.min(kind.ceiling, random.logNormal(kind.median, kind.sigma)));
  const script = mediaScript(random, device, host.name, random.chance(SENT_SHARE) ? 'up' : 'down', bytes);
  yield* visit(client, at, host, { port: 443, sni: host.name, scenario: 'media' }, script);
}

function* page(client: PlantedClient, at: number): Generator<Opening> {
  const { random, device } = client;
  const host = random.chance(0.05) ? controlHost : random.pick(sharedHosts);
  const bytes = Math.round(Math.min(2_000_000, random.logNormal(15_000, 1.2)));
  if (host !== controlHost && random.chance(0.3)) {
    const script = httpPageScript(random, device, host.name, bytes);
    yield* visit(client, at, host, { port: 80, host: host.name, scenario: 'page' }, script);
    return;
  }
  const hello = { serverName: host.name, alpn: ['spdy/3.1', 'http/1.1'] };
  const script = tlsPageScript(random, hello, bytes);
  yield* visit(client, at, host, { port: 443, sni: host.name, scenario: 'page' }, script);
}

/** The openings of one subscriber in the order of time. */
export function* subscriberLife(client: PlantedClient, habits: Habits): Generator<Opening> {
  const { random } = client;
  const activities = [
    { perHour: habits.chatsPerHour, act: chat },
    { perHour: habits.mediaPerHour, act: transfer },
    { perHour: habits.pagesPerHour, act: page },
  ];
  const perHour = activities.reduce((sum, each) => sum + each.perHour, 0);
  // Who is on line already when the capture begins.
  let at = habits.startAt + random.unit() * MINUTE;
  while (perHour > 0) {
    at = Math.round(at + random.exponential(HOUR / perHour));
    if (at >= habits.endAt) return;
    // A Poisson process is thinned to the time of day.
    if (!random.chance(activityAt(at))) continue;
    const { act } = random.weighted(activities, (each) => each.perHour);
    for (const opening of act(client, at)) {
      at = opening.at;
      yield opening;
    }
  }
}
