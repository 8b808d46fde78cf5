/** Rows of any table, seeded: every kind of value, what is not observed among it, and words that meet between tables. */
import type { Random } from '../src/kit/random.ts';
import { HOUR, SECOND } from '../src/kit/time.ts';
import type { ColumnKind, Table } from '../src/tickets/column.ts';
import type { Cell } from './fill-cell.ts';

const pools: Readonly<Record<string, readonly string[]>> = {
  vantage: ['gw1', 'gw2'],
  client: ['c1', 'c2', 'c3', 'c4', ''],
  server_ip: ['31.13.93.53', '2a03:2880:f210::c7', '158.85.1.2', ''],
  server_net: ['31.13.93.0/24', '2a03:2880:f210::/48', '158.85.1.0/24', ''],
  service: ['whatsapp', 'telegram', ''],
  class: ['chat', 'image', ''],
  protocol: ['tcp', 'udp', 'icmp'],
  fqdn_source: ['sni', 'dns', 'http', ''],
  service_source: ['name', 'ip-set', 'payload', 'port', ''],
  dns_evidence: ['valid', 'expired', ''],
  end_reason: ['fin', 'eof', 'idle', 'evicted'],
  rtt_source: ['syn', 'quic', ''],
  rcode: ['NOERROR', 'NXDOMAIN', ''],
};
const words = ['', 'e7.whatsapp.net', 'mmi311.whatsapp.net', 'www.example.com', 'ä|\t\'"\\ \u{1f600}'];
const counts = [0, 1, 53, 443, 5222, 36351, 1500, 2 ** 31, 2 ** 40 + 1];

const cellOf = (random: Random, name: string, kind: ColumnKind, from: number): Cell => {
  const word = (): string => random.pick(pools[name] ?? words);
  switch (kind) {
    case 'time':
      return from + random.between(0, 6 * 3600) * SECOND + random.between(0, 1e6 - 1);
    case 'count':
      return random.chance(0.5) ? random.pick(counts) : random.between(0, 100_000);
    case 'real':
      return random.unit();
    case 'flag':
      return random.between(0, 1);
    case 'id':
      return random.between(0, 99).toString(16).padStart(16, '0');
    case 'texts':
      return Array.from({ length: random.between(0, 3) }, word);
    case 'counts':
      return Array.from({ length: random.between(0, 3) }, () => random.pick(counts));
    default:
      return word();
  }
};

/** @param from of the six hours in which they are, UTC microseconds; each sixth value is not observed */
export const anyRows = (
  random: Random,
  { columns }: Table,
  count: number,
  from: number,
): readonly Readonly<Record<string, Cell>>[] =>
  Array.from({ length: count }, () => {
    const row: Record<string, Cell> = { reported_at: from + random.between(0, 6 * HOUR) };
    for (const [name, { kind }] of Object.entries(columns)) {
      const cell = cellOf(random, name, kind, from);
      if (name === 'reported_at' || (kind !== 'texts' && kind !== 'counts' && random.chance(1 / 6))) continue;
      row[name] = cell;
    }
    return row;
  });
