/** The truth beside the captures: which flows, names and labels tshark and nDPI found. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { sharedData } from '../needs.ts';
import type { Row } from '../rows.ts';

/** Captures whose traffic is on links or in tunnels that the probe does not read. */
export const unreadLinks: Readonly<Record<string, string>> = {
  'arkime/gtp-u.pcap': 'GTP',
  'arkime/icmp-frame-relay.pcap': 'Frame Relay',
  'arkime/ipv6-gtp6.pcap': 'GTP',
  'arkime/mpls-basic.pcap': 'MPLS',
  'arkime/nflog.pcap': 'NFLOG',
  'arkime/pppoe.pcap': 'PPPoE',
  'arkime/tcpdump-geneve.pcap': 'GENEVE',
  'ndpi/4in4tunnel.pcap': 'IP in IP',
  'ndpi/4in6tunnel.pcap': 'IP in IP',
  'ndpi/6in4tunnel.pcap': '6in4',
  'ndpi/BGP_Cisco_hdlc_slarp.pcap': 'HDLC',
  'ndpi/capwap_data.pcapng': 'CAPWAP',
  'ndpi/dlt_ppp.pcap': 'PPP',
  'ndpi/gre.pcapng': 'GRE',
  'ndpi/ipv6_in_gtp.pcap': 'GTP',
  'ndpi/dns.pcap': 'PPPoE',
  'ndpi/teredo.pcap': 'Teredo',
  'zeek/mixed-vlan-mpls.pcap': 'MPLS',
  'zeek/mpls-in-vlan.pcap': 'MPLS',
  'zeek/pppoe.pcap': 'PPPoE',
  'zeek/quic__interop__quic-go_quic-go__handshake.pcap': 'PPP',
  'zeek/radiotap.pcap': 'radiotap',
  'zeek/tunnels__gre-sample.pcap': 'GRE',
  'zeek/tunnels__gtp__gtp1_gn_normal_incl_fragmentation.pcap': 'GTP',
  'zeek/tunnels__gtp__gtp6_gtp_0x32.pcap': 'GTP',
  'zeek/tunnels__gtp__gtp8_teredo.pcap': 'GTP and Teredo',
  'zeek/tunnels__gtp__pdp_ctx_messages.pcapng': 'GTP',
};

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

const keyOfFlow = (flow: Row): string =>
  pairKey(
    protocolNumbers[flow.protocol as string] ?? (flow.protocol as string),
    `${flow.client_ip}#${flow.client_port ?? 0}`,
    `${flow.server_ip}#${flow.server_port ?? 0}`,
  );

/** Flows by key; one 5-tuple may have several. */
export const byKey = (flows: readonly Row[]): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const flow of flows) groups.set(keyOfFlow(flow), [...(groups.get(keyOfFlow(flow)) ?? []), flow]);
  return groups;
};

type Counts = readonly [packets: number, packetsBack: number, bytes: number, bytesBack: number];

const swapped = ([a, b, c, d]: Counts): Counts => [b, a, d, c];
const plus = (x: Counts, y: Counts): Counts => [x[0] + y[0], x[1] + y[1], x[2] + y[2], x[3] + y[3]];

/** Packets and IP bytes of each key, as seen from the lexically first end. */
export const countTruth = (flows: readonly TruthFlow[]): Map<string, Counts> => {
  const sums = new Map<string, Counts>();
  for (const flow of flows) {
    const counts: Counts = [flow.pkts_ab, flow.pkts_ba, flow.ip_ab, flow.ip_ba];
    const isForward = flow.a.join('#') <= flow.b.join('#');
    const key = keyOfTruth(flow);
    sums.set(key, plus(sums.get(key) ?? [0, 0, 0, 0], isForward ? counts : swapped(counts)));
  }
  return sums;
};

export const countFlows = (flows: readonly Row[]): Counts => {
  let sum: Counts = [0, 0, 0, 0];
  for (const flow of flows) {
    const counts = [flow.up_packets, flow.down_packets, flow.up_bytes, flow.down_bytes] as unknown as Counts;
    const isForward = `${flow.client_ip}#${flow.client_port ?? 0}` <= `${flow.server_ip}#${flow.server_port ?? 0}`;
    sum = plus(sum, isForward ? counts : swapped(counts));
  }
  return sum;
};
