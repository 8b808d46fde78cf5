/** The truth beside the captures: which flows, names and labels tshark and nDPI found. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { sharedData } from '../needs.ts';
import type { Row } from '../rows.ts';

export interface TruthFlow {
  readonly proto: string;
  readonly a: readonly [string, number];
  readonly b: readonly [string, number];
  readonly pkts_ab: number;
  readonly pkts_ba: number;
  readonly ip_ab: number;
  readonly ip_ba: number;
  /** First packet, seconds. */
  readonly first: number;
  /** TCP, seconds: from SYN to SYN/ACK, and from SYN to the acknowledgement of the SYN/ACK. */
  readonly syn_rtt?: number;
  readonly irtt?: number;
  readonly tunnel?: string;
  /** Seconds. */
  readonly dur: number;
}

interface TruthName {
  readonly via: 'tls' | 'http' | 'quic';
  readonly client: string;
  readonly cport: number;
  readonly server: string;
  readonly port: number;
  readonly name: string;
}

interface TruthLabel {
  readonly proto: string;
  readonly a: readonly [string, number];
  readonly b: readonly [string, number];
  /** First packet, seconds. */
  readonly t: number;
  readonly dns_last: string;
  readonly dns_all: readonly string[];
}

const readLines = <T>(path: string): T[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T)
    : [];

/** Names of truth files write the folders of a capture with two underscores. */
const pathOf = (group: string, file: string): string =>
  sharedData(`captures/${group}/${group === 'zeek' ? 'traces/' : ''}${file.replaceAll('__', '/')}`);

export interface TruthCapture {
  /** `group/file`. */
  readonly name: string;
  readonly path: string;
  readonly flows: readonly TruthFlow[];
  readonly names: readonly TruthName[];
  readonly labels: readonly TruthLabel[];
}

/** Every capture of a group that has a truth file. */
export const truthCaptures = (group: string): TruthCapture[] =>
  readdirSync(sharedData(`truth/${group}`))
    .filter((file) => file.endsWith('.flows.jsonl'))
    .map((file) => file.slice(0, -'.flows.jsonl'.length))
    .filter((file) => existsSync(pathOf(group, file)))
    .map((file) => {
      const truth = (kind: string): string => sharedData(`truth/${group}/${file}.${kind}.jsonl`);
      const [names] = readLines<{ sni: TruthName[]; http: TruthName[] }>(truth('names'));
      return {
        name: `${group}/${file}`,
        path: pathOf(group, file),
        flows: readLines(truth('flows')),
        names: names === undefined ? [] : [...names.sni, ...names.http],
        labels: readLines(truth('labels')),
      };
    });

/** The truth writes protocols other than TCP and UDP as numbers. */
const protocolNumbers: Readonly<Record<string, string>> = {
  icmp: '1',
  igmp: '2',
  ipv4: '4',
  ipv6: '41',
  gre: '47',
  esp: '50',
  ah: '51',
  'ipv6-icmp': '58',
  eigrp: '88',
  ospfigp: '89',
  pim: '103',
  vrrp: '112',
  sctp: '132',
  udplite: '136',
};

const pairKey = (protocol: string, a: string, b: string): string => `${protocol} ${[a, b].sort().join(' ')}`;

/** The same for both directions. */
export const keyOfTruth = ({ proto, a, b }: Pick<TruthFlow, 'proto' | 'a' | 'b'>): string =>
  pairKey(proto, a.join('#'), b.join('#'));

const numberOf = (flow: Row): string => protocolNumbers[flow.protocol as string] ?? (flow.protocol as string);

const keyOfFlow = (flow: Row): string =>
  pairKey(numberOf(flow), `${flow.client_ip}#${flow.client_port ?? 0}`, `${flow.server_ip}#${flow.server_port ?? 0}`);

/** Flows by key; one 5-tuple may have several. */
export const byKey = (flows: readonly Row[]): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const flow of flows) groups.set(keyOfFlow(flow), [...(groups.get(keyOfFlow(flow)) ?? []), flow]);
  return groups;
};

type Counts = readonly [packets: number, packetsBack: number, bytes: number, bytesBack: number];

/** Counts of one direction and the other between two ends. */
interface Counted {
  readonly proto: string;
  readonly a: readonly [string, number];
  readonly b: readonly [string, number];
  readonly tunnel: string;
  readonly counts: Counts;
}

const swapped = ([a, b, c, d]: Counts): Counts => [b, a, d, c];
const plus = (x: Counts, y: Counts): Counts => [x[0] + y[0], x[1] + y[1], x[2] + y[2], x[3] + y[3]];

const sum = (all: readonly Counted[], keyOf: (one: Counted) => string): Map<string, Counts> => {
  const sums = new Map<string, Counts>();
  for (const one of all) {
    const isForward = one.a.join('#') <= one.b.join('#');
    const counts = isForward ? one.counts : swapped(one.counts);
    sums.set(keyOf(one), plus(sums.get(keyOf(one)) ?? [0, 0, 0, 0], counts));
  }
  return sums;
};

const portless = (protocol: string, { a, b }: Counted): string => pairKey(protocol, a[0], b[0]);
const transports: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp' };

/** How the truth is compared: it writes some flows in a way of its own. */
const keyFor = (truth: readonly Counted[]): ((one: Counted) => string) => {
  // It keeps fragments apart, without ports: between such ends all of the protocol is compared as one.
  const fragmented = new Set(
    truth
      .filter((one) => one.proto in transports && one.a[1] === 0 && one.b[1] === 0 && one.tunnel === '')
      .map((one) => portless(transports[one.proto]!, one)),
  );
  return (one) => {
    const protocol = transports[one.proto] ?? one.proto;
    if (fragmented.has(portless(protocol, one))) return portless(protocol, one);
    // ICMP in IPv6 gets the number of a hop-by-hop header before it, or of the tunnel around it.
    const isIcmp = one.a[0].includes(':') && ['0', '41'].includes(one.proto);
    return keyOfTruth(isIcmp ? { ...one, proto: '58' } : one);
  };
};

/** Links, not tunnels. */
const linkNames = ['mpls', 'pppoes'];

/** Compares packets and IP bytes of every flow of the truth; one 5-tuple may have several. */
export const compareCounts = (truth: readonly TruthFlow[], ours: readonly Row[]): Map<string, boolean> => {
  const wanted = truth.map(
    ({ proto, a, b, pkts_ab, pkts_ba, ip_ab, ip_ba, tunnel = '' }): Counted => ({
      proto,
      a,
      b,
      tunnel: linkNames.includes(tunnel) ? '' : tunnel,
      counts: [pkts_ab, pkts_ba, ip_ab, ip_ba],
    }),
  );
  const found = ours.map(
    (flow): Counted => ({
      proto: numberOf(flow),
      a: [flow.client_ip as string, (flow.client_port as number | null) ?? 0],
      b: [flow.server_ip as string, (flow.server_port as number | null) ?? 0],
      tunnel: flow.tunnel as string,
      counts: [flow.up_packets, flow.down_packets, flow.up_bytes, flow.down_bytes] as unknown as Counts,
    }),
  );
  const keyOf = keyFor(wanted);
  const sums = sum(found, keyOf);
  return new Map([...sum(wanted, keyOf)].map(([key, counts]) => [key, String(sums.get(key)) === String(counts)]));
};
