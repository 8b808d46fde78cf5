/** The names of a planted operator and the servers behind them: laid out by the preset, where it leaves room by the seed. */
import type { Random } from '../../kit/random.ts';
import { formatAddress, parseAddress } from '../../packet/address.ts';
import type { Content, OperatorPreset, OtherService, Pool } from './preset.ts';

export interface Server {
  readonly address: Uint8Array;
  readonly text: string;
  /** Between vantage and server where nothing queues, microseconds. */
  readonly rttUs: number;
}

export interface Host {
  /** Number among all hosts. */
  readonly index: number;
  readonly name: string;
  readonly service: string;
  readonly class: string;
  readonly port: number;
  readonly ttlS: number;
  /** In the order of its zone; an answer has them rotated. */
  readonly servers: readonly Server[];
}

export interface PooledHosts extends Pool {
  readonly hosts: readonly Host[];
}

export interface OtherHosts {
  readonly hosts: readonly Host[];
  readonly share: number;
  readonly content: Content;
}

export interface Layout {
  readonly pools: readonly PooledHosts[];
  readonly others: readonly OtherHosts[];
  /** All of them by number. */
  readonly hosts: readonly Host[];
  /** Who announced the addresses: an overlay for an AS database. */
  readonly overlay: string;
}

const SERVICE = 'whatsapp';
const CHAT_PORT = 5222;
const HTTPS_PORT = 443;
/** Last bytes of addresses are from 1 to this, so that no two of a network fall together. */
const ADDRESSES_OF_A_BLOCK = 250;

const shuffled = <T>(list: readonly T[], random: Random): T[] => {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const other = random.between(0, i);
    [copy[i], copy[other]] = [copy[other]!, copy[i]!];
  }
  return copy;
};

/** The place of the network of the number `n`: places take turns as often as their shares say. */
const dataCentreOf = ({ dataCentres }: OperatorPreset['hosting'], n: number): number => {
  const [first, ...rest] = dataCentres;
  const begun = (share: number): number => Math.floor((n + 1) * share) - Math.floor(n * share);
  return rest.find(({ share }) => begun(share) > 0)?.rttUs ?? first!.rttUs;
};

/** Servers in as many networks as the preset says, each network with one at least. */
const layOutServers = (hosting: OperatorPreset['hosting'], count: number, random: Random): Server[] => {
  const { networks, blocks, serverSpreadUs } = hosting;
  const places = Array.from({ length: blocks }, (_, i) => {
    const network = i < networks.length ? i : random.between(0, networks.length - 1);
    return { network, third: 0, used: 0 };
  });
  const perNetwork = networks.map(() => random.between(0, 200));
  for (const place of places) place.third = perNetwork[place.network]!++;
  const servers: Server[] = [];
  for (let i = 0; i < count; i++) {
    const free = places.filter(({ used }) => used < ADDRESSES_OF_A_BLOCK);
    const place = i < blocks ? places[i]! : random.pick(free);
    // 101 and 250 have no factor in common: all last bytes come before one comes again.
    const last = 1 + ((place.used++ * 101 + place.third) % ADDRESSES_OF_A_BLOCK);
    const text = `${networks[place.network]}.${place.third}.${last}`;
    const rttUs = dataCentreOf(hosting, place.network) + random.between(0, serverSpreadUs);
    servers.push({ address: parseAddress(text)!, text, rttUs });
  }
  return shuffled(servers, random);
};

/** Addresses of a block, one after the other. */
const serversIn = ({ block, addresses, rttUs }: OtherService, random: Random): Server[] => {
  const first = parseAddress(block.split('/')[0]!)!;
  return Array.from({ length: addresses }, (_, i) => {
    const address = first.slice();
    address[3] = 10 + i;
    return { address, text: formatAddress(address), rttUs: rttUs + random.between(0, 500) };
  });
};

/** `perAnswer` of the servers for each of `count` names, so that all are behind some name. */
const spread = (servers: readonly Server[], count: number, perAnswer: number, n: number): readonly Server[] =>
  Array.from(
    { length: Math.max(perAnswer, Math.ceil(servers.length / count)) },
    (_, i) => servers[(Math.floor((n * servers.length) / count) + i) % servers.length]!,
  );

/** The same preset and seed give the same hosts. */
export const layOut = (preset: OperatorPreset, random: Random): Layout => {
  const { hosting } = preset;
  const hosts: Host[] = [];
  const add = (host: Omit<Host, 'index'>): Host => {
    const whole = { ...host, index: hosts.length };
    hosts.push(whole);
    return whole;
  };
  const all = layOutServers(
    hosting,
    preset.pools.reduce((sum, { addresses }) => sum + addresses, 0),
    random,
  );
  const pools = preset.pools.map((pool) => {
    const own = all.splice(0, pool.addresses);
    const { class: ofClass, ttlS, names, perAnswer } = pool;
    return {
      ...pool,
      hosts: names.map((name, i) =>
        add({
          name,
          service: SERVICE,
          class: ofClass,
          port: ofClass === 'chat' ? CHAT_PORT : HTTPS_PORT,
          ttlS,
          servers: spread(own, names.length, perAnswer, i),
        }),
      ),
    };
  });
  const others = preset.others.services.map((other) => {
    const own = serversIn(other, random);
    const { names, service, ttlS, share, content } = other;
    return {
      share,
      content,
      hosts: names.map((name, i) =>
        add({ name, service, class: '', port: HTTPS_PORT, ttlS, servers: spread(own, names.length, 2, i) }),
      ),
    };
  });
  const lines = [
    ...hosting.networks.map((network) => [`${network}.0.0/16`, hosting.asn, hosting.org]),
    ...preset.others.services.map(({ block, asn, org }) => [block, asn, org]),
  ];
  const quoted = lines.map(([block, asn, org]) => `${block},${asn},"${org}",,`);
  return { pools, others, hosts, overlay: `prefix,asn,org,from,until\n${quoted.join('\n')}\n` };
};
