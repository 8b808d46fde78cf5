/** Servers all over the world, reached over 80 and 443, and the gateway that may stand before them. */
import { Random } from '../kit/random.ts';
import { MINUTE, SECOND } from '../kit/time.ts';
import { parseAddress } from '../packet/address.ts';
import { devices } from './device.ts';
import type { Frame } from './frame.ts';
import { opaque } from './payload.ts';
import { type Opening, play } from './play.ts';
import { tcpConnection } from './tcp-connection.ts';

/** Countries and the RTT from Vienna to them, microseconds: what distance gives, and detours. */
const countries = [
  ['AT', 4_000],
  ['DE', 14_000],
  ['FR', 27_000],
  ['GB', 32_000],
  ['US', 105_000],
  ['BR', 215_000],
  ['JP', 240_000],
  ['SG', 180_000],
] as const;

const NETWORKS = 24;
const FLOWS_OF_A_NETWORK = 4;
const ports = [80, 443] as const;
const startAt = Date.UTC(2014, 1, 18, 18) * 1000;

export interface Gateway {
  /** Ports on which it answers SYNs itself. */
  readonly ports: readonly number[];
  readonly rttUs: number;
}

/** The network of each server is of its own; two share an autonomous system, three a country. */
const blockOf = (i: number): string => `198.18.${i}.0/24`;
const countryOf = (i: number): (typeof countries)[number] => countries[i % countries.length]!;

/** Who announces the networks: an overlay for an AS database. AS numbers for documentation are of RFC 5398. */
export const farServersOverlay = [
  'prefix,asn,org,from,until,country',
  ...Array.from({ length: NETWORKS }, (_, i) => {
    const system = i >> 1;
    return `${blockOf(i)},${64_496 + system},Example Hosting ${system + 1},,,${countryOf(i)[0]}`;
  }),
].join('\n');

/** Connections of ten clients to all servers on both ports, in the order of time. */
export const farServers = (seed: number, gateway?: Gateway): Iterable<Frame> => {
  const random = new Random(seed);
  const openings: Opening[] = [];
  for (let n = 0; n < NETWORKS * ports.length * FLOWS_OF_A_NETWORK; n++) {
    const network = n % NETWORKS;
    const port = ports[Math.floor(n / NETWORKS) % ports.length]!;
    const isSplit = gateway?.ports.includes(port) === true;
    const rttUs = isSplit ? gateway.rttUs : countryOf(network)[1];
    openings.push(
      tcpConnection({
        path: {
          client: { address: parseAddress(`10.64.0.${2 + (n % 10)}`)!, port: 32_768 + n },
          server: { address: parseAddress(`198.18.${network}.${10 + (n % 3)}`)!, port },
          clientTtl: 63,
          serverTtl: isSplit ? 255 : 50,
        },
        at: startAt + random.between(0, 30 * MINUTE),
        // Queues add to what the way takes.
        serverRttUs: rttUs + Math.round(random.exponential(300 + rttUs / 50)),
        clientRttUs: random.between(30_000, 90_000),
        turns: [
          { direction: 'up', payload: opaque(200) },
          { direction: 'down', payload: opaque(3000), afterUs: 20_000 },
        ],
        close: { by: 'up', how: 'fin', afterUs: SECOND },
        syn: devices[0]!.syn,
      }),
    );
  }
  return play([openings.sort((a, b) => a.at - b.at).values()]);
};
