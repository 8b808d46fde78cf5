/** Random flows and counters over days, with all that analyses look at: few values of each, so that groups form, and every kind of gap. */
import type { Random } from '../src/kit/random.ts';
import { HOUR, MINUTE, SECOND } from '../src/kit/time.ts';
import type { PlantedRow } from './planted-store.ts';

const names = ['e1.whatsapp.net', 'mmi311.whatsapp.net', 'cdn.example', 'a.b.example.co.uk', 'x.example'];
const servers = Array.from({ length: 12 }, (_, i) => (i % 4 === 3 ? `2001:db8:${i}::1` : `192.0.${i}.${i + 1}`));

const dnsColumns = (random: Random, startedAt: number): PlantedRow => {
  if (random.chance(0.4)) return {};
  const evidence = random.pick(['valid', 'expired', 'expired', 'network', '']);
  const age = random.pick([10, 60, 61, 120, 3660, 3661, 90_000]) * SECOND + random.pick([0, 1]);
  return {
    dns_name: random.pick(names),
    dns_evidence: evidence,
    dns_answered_at: random.chance(0.9) ? startedAt - age : null,
    dns_ttl_s: random.chance(0.9) ? 60 : null,
    dns_candidates: names.slice(0, random.between(0, 5)),
  };
};

/** A flow that began at a time, microseconds. */
const randomFlow = (random: Random, startedAt: number): PlantedRow => {
  const server = random.between(0, servers.length - 1);
  const ip = servers[server]!;
  const lasts = random.pick([0, 3, 1234, 70_000_123, 5_000_000_017, 3 * HOUR]);
  const sni = random.chance(0.5) ? random.pick(names) : '';
  const fqdn = random.chance(0.3) ? '' : sni === '' ? random.pick(names) : sni;
  const quic = random.chance(0.2);
  const unmeasured = random.chance(0.1);
  return {
    vantage: random.pick(['vienna', 'graz']),
    started_at: startedAt,
    ended_at: random.chance(0.95) ? startedAt + lasts : null,
    reported_at: startedAt + lasts + random.between(0, 100 * SECOND),
    client: `c${random.between(0, 9)}`,
    server_ip: random.chance(0.95) ? ip : '',
    server_net: server === 0 ? '' : ip.includes(':') ? `${ip.slice(0, -1)}/48` : ip.replace(/\d+$/, '0/24'),
    server_prefix: random.pick(['', `192.0.${server & ~3}.0/22`]),
    server_asn: server < 2 ? null : 100 + (server % 3),
    server_org: server < 2 ? '' : `Org ${server % 3}`,
    server_country: random.pick(['AT', 'US', '']),
    server_port: random.pick([443, 5222, 53, null]),
    protocol: quic ? 'udp' : random.pick(['tcp', 'tcp', 'tcp', 'icmp']),
    rtt_source: quic ? 'quic' : 'syn',
    server_rtt_us: random.chance(0.8) ? random.between(900, 90_000) : null,
    server_rtt_min_us: random.chance(0.8) ? random.between(900, 90_000) : null,
    up_packets: 1,
    down_packets: random.pick([0, 1, null]),
    up_bytes: unmeasured ? null : random.pick([40, 999, 1004, random.between(1000, 2 ** 33)]),
    down_bytes: unmeasured && random.chance(0.5) ? null : random.between(0, 5000),
    end_reason: random.pick(['fin', 'rst', 'idle', 'eof', 'evicted', 'active']),
    tls_sni: sni,
    sni_is_outer: random.pick([null, 0, 1]),
    fqdn,
    fqdn_source: fqdn === '' ? '' : sni === '' ? random.pick(['http', 'dns']) : 'sni',
    service: random.pick(['whatsapp', 'whatsapp', 'signal', '']),
    class: random.pick(['chat', 'image', '']),
    service_source: random.pick(['name', 'ip-set', 'payload', '']),
    service_confidence: random.chance(0.3) ? random.between(0, 100) / 100 : null,
    rules_version: random.pick(['r1', 'r2', '']),
    ...dnsColumns(random, startedAt),
  };
};

const randomCounter = (random: Random, at: number): PlantedRow => {
  const minute = Math.floor(at / MINUTE) * MINUTE;
  return {
    vantage: random.pick(['vienna', 'graz']),
    minute_at: minute,
    reported_at: minute + 2 * MINUTE,
    service: random.pick(['whatsapp', 'signal', '']),
    class: random.pick(['chat', 'image', '']),
    flows_opened: random.between(0, 9),
    up_bytes: random.chance(0.9) ? random.between(0, 1e6) : null,
    down_bytes: random.between(0, 1e6),
  };
};

/** Rows of flows and counters whose times lie in [from, until), a few of them at edges of hours and days. */
export const randomTraffic = (
  random: Random,
  count: number,
  from: number,
  until: number,
): { readonly flows: readonly PlantedRow[]; readonly counters: readonly PlantedRow[] } => {
  const at = (): number => {
    const any = random.between(from, until - 1);
    return random.chance(0.1) ? Math.max(from, Math.floor(any / HOUR) * HOUR - random.pick([0, 1])) : any;
  };
  return {
    flows: Array.from({ length: count }, () => randomFlow(random, at())),
    counters: Array.from({ length: count }, () => randomCounter(random, at())),
  };
};
