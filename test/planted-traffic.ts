/** Six hours of seeded traffic for analyses and reports to show: two imports with a gap, a service of five classes, names without an owner, hostile text. */
import { Random } from '../src/kit/random.ts';
import { HOUR, MINUTE, SECOND } from '../src/kit/time.ts';
import type { PlantedImport, PlantedRow } from './planted-store.ts';

/** Saturday, 22 February 2014, 16:00 UTC. */
const beginsAt = Date.UTC(2014, 1, 22, 16) * 1000;

/** What a page must never let through as markup. */
export const hostileName = '<script>alert(1)</script>&"\'`\u001b[31m\u202e.example';

interface ClassOf {
  readonly name: string;
  readonly weight: number;
  readonly medianBytes: number;
  readonly medianUs: number;
  readonly fqdn: string;
  readonly port: number;
  readonly servers: number;
}

const classes: readonly ClassOf[] = [
  {
    name: 'chat',
    weight: 60,
    medianBytes: 3e3,
    medianUs: 600 * SECOND,
    fqdn: 'e7.whatsapp.net',
    port: 5222,
    servers: 40,
  },
  {
    name: 'image',
    weight: 20,
    medianBytes: 7e4,
    medianUs: 12 * SECOND,
    fqdn: 'mmi311.whatsapp.net',
    port: 443,
    servers: 20,
  },
  {
    name: 'video',
    weight: 6,
    medianBytes: 1.6e6,
    medianUs: 40 * SECOND,
    fqdn: 'mmv912.whatsapp.net',
    port: 443,
    servers: 15,
  },
  {
    name: 'audio',
    weight: 10,
    medianBytes: 3e4,
    medianUs: 6 * SECOND,
    fqdn: 'mms208.whatsapp.net',
    port: 443,
    servers: 12,
  },
  { name: '', weight: 4, medianBytes: 9e2, medianUs: 2 * SECOND, fqdn: 'sro.whatsapp.net', port: 443, servers: 3 },
];

const unowned = [
  'cdn.example.com',
  'img.cdn.example.com',
  'www.bbc.co.uk',
  'a-rather-long-name-that-goes-on-and-on-without-end.some-content-network.example.org',
  hostileName,
  '',
];

const systems = [
  { asn: 36351, org: 'SoftLayer Technologies Inc.', country: 'US', first: 158 },
  { asn: 32934, org: 'Facebook, Inc.', country: 'IE', first: 31 },
  { asn: null, org: '', country: '', first: 10 },
] as const;

const toServer = (random: Random, servers: number): PlantedRow => {
  const system = random.weighted(systems, ({ first }) => (first === 158 ? 90 : 5));
  const n = random.between(0, servers - 1);
  if (system.asn === 32934)
    return {
      server_ip: `2a03:2880:f2${10 + n}::c7`,
      server_net: `2a03:2880:f2${10 + n}::/48`,
      server_asn: system.asn,
      server_org: system.org,
      server_country: system.country,
      server_prefix: '2a03:2880::/32',
    };
  const net = `${system.first}.${85 + (n % 4)}.${n}`;
  return {
    server_ip: `${net}.${10 + n}`,
    server_net: `${net}.0/24`,
    server_asn: system.asn,
    server_org: system.org,
    server_country: system.country,
    server_prefix: system.asn === null ? '' : `${system.first}.${85 + (n % 4)}.0.0/16`,
  };
};

const toFlow = (random: Random, from: number, until: number): PlantedRow => {
  const owned = random.chance(0.7);
  const what = random.weighted(classes, ({ weight }) => weight);
  const fqdn = owned ? what.fqdn : random.pick(unowned);
  const startedAt = from + Math.floor(random.unit() * (until - from));
  const lasts = Math.floor(random.logNormal(what.medianUs, 1.2));
  const open = startedAt + lasts > until;
  const bytes = Math.floor(random.logNormal(what.medianBytes, 1.4)) + 40;
  const up = Math.floor(bytes * (what.name === 'chat' ? 0.5 : 0.2));
  const ttlS = 120;
  const age = Math.floor(random.exponential(90 * SECOND));
  const hasDns = fqdn !== '' && random.chance(0.8);
  const hasSni = fqdn !== '' && what.port === 443 && random.chance(0.5);
  return {
    reported_at: Math.min(until, startedAt + lasts),
    started_at: startedAt,
    ended_at: Math.min(until, startedAt + lasts),
    end_reason: open ? 'eof' : random.pick(['fin', 'rst', 'idle']),
    protocol: random.chance(0.97) ? 'tcp' : 'icmp',
    server_port: random.chance(0.9) ? what.port : 53,
    up_packets: 2 + Math.floor(up / 800),
    down_packets: 1 + Math.floor((bytes - up) / 1300),
    up_bytes: up,
    down_bytes: bytes - up,
    fqdn: hasDns || hasSni ? fqdn : '',
    fqdn_source: hasSni ? 'sni' : hasDns ? 'dns' : '',
    tls_sni: hasSni ? fqdn : '',
    dns_name: hasDns ? fqdn : '',
    dns_answered_at: hasDns ? startedAt - age : null,
    dns_ttl_s: hasDns ? ttlS : null,
    dns_evidence: hasDns ? (age <= ttlS * SECOND ? 'valid' : 'expired') : '',
    dns_candidates: hasDns ? (random.chance(0.1) ? [fqdn, 'other.example'] : [fqdn]) : [],
    service: owned ? 'whatsapp' : '',
    class: owned ? what.name : '',
    service_source: owned ? (hasDns || hasSni ? 'name' : 'ip-set') : '',
    rules_version: 'planted',
    ...toServer(random, what.servers),
  };
};

/** Puts the bytes of a flow evenly over the minutes it touches. */
const toCounters = (flows: readonly PlantedRow[]): PlantedRow[] => {
  const cells = new Map<
    string,
    { minute_at: number; service: string; class: string; up_bytes: number; down_bytes: number }
  >();
  for (const flow of flows) {
    const first = Math.floor(Number(flow.started_at) / MINUTE);
    const minutes = Math.floor(Number(flow.ended_at) / MINUTE) - first + 1;
    for (let i = 0; i < minutes; i++) {
      const key = `${first + i} ${flow.service} ${flow.class}`;
      const cell = cells.get(key) ?? {
        minute_at: (first + i) * MINUTE,
        service: String(flow.service),
        class: String(flow.class),
        up_bytes: 0,
        down_bytes: 0,
      };
      cell.up_bytes += Math.round(Number(flow.up_bytes) / minutes);
      cell.down_bytes += Math.round(Number(flow.down_bytes) / minutes);
      cells.set(key, cell);
    }
  }
  return [...cells.values()];
};

const toImport = (random: Random, id: string, from: number, until: number, flowCount: number): PlantedImport => {
  const flows = Array.from({ length: flowCount }, () => toFlow(random, from, until));
  return {
    id,
    import: {
      kind: 'capture',
      name: `${id}.pcap`,
      vantage: 'gw1',
      first_at: from,
      last_at: until,
      packet_count: 100 * flowCount,
      row_count: flowCount,
      dropped: id === 'evening' ? 21 : null,
      malformed: 3,
      state: 'complete',
    },
    flows,
    counters: toCounters(flows),
  };
};

/** Two imports: two hours of afternoon, and three of evening after a gap of one. */
export const plantTraffic = (seed: number): readonly PlantedImport[] => {
  const random = new Random(seed);
  return [
    toImport(random.fork(1), 'afternoon', beginsAt, beginsAt + 2 * HOUR, 500),
    toImport(random.fork(2), 'evening', beginsAt + 3 * HOUR, beginsAt + 6 * HOUR, 900),
  ];
};
