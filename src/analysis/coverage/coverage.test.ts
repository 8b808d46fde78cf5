import { expect, test } from 'vitest';
import { type PlantedRow, plantStore } from '../../../test/planted-store.ts';
import { HOUR, MINUTE, SECOND } from '../../kit/time.ts';
import { runAnalysis } from '../run-analysis.ts';
import { coverage } from './coverage.ts';

const at = Date.UTC(2014, 1, 22, 18) * 1000;

const run = async (flows: readonly PlantedRow[], service?: string, options: Record<string, number> = {}) => {
  const rows = flows.map((flow) => ({
    protocol: 'tcp',
    server_port: 443,
    started_at: at,
    ended_at: at + SECOND,
    up_bytes: 0,
    down_bytes: 100,
    ...flow,
  }));
  const store = await plantStore([{ id: 'a', import: { first_at: at, last_at: at + 2 * HOUR }, flows: rows }]);
  const cards = await runAnalysis(coverage, store.query, { service, timezone: 'UTC' }, options);
  await store.close();
  return Object.fromEntries(cards.map((card) => [card.id, card]));
};

/** A flow with a DNS name whose answer is `ageUs` old. */
const dns = (ageUs: number, columns: PlantedRow = {}): PlantedRow => ({
  dns_name: 'e1.whatsapp.net',
  dns_answered_at: at - ageUs,
  dns_ttl_s: 60,
  dns_evidence: ageUs <= 60 * SECOND ? 'valid' : 'expired',
  dns_candidates: ['e1.whatsapp.net'],
  ...(ageUs <= HOUR + 60 * SECOND ? { fqdn: 'e1.whatsapp.net', fqdn_source: 'dns' } : {}),
  ...columns,
});
const sni = (name: string, columns: PlantedRow = {}): PlantedRow => ({
  tls_sni: name,
  fqdn: name,
  fqdn_source: 'sni',
  ...columns,
});

test('each eligible flow has one evidence, and the border of grace is exact', async () => {
  const { 'coverage.evidence': card } = await run([
    sni('e1.whatsapp.net', { down_bytes: 400 }),
    dns(10, sni('e1.whatsapp.net')),
    { http_host: 'x.example', fqdn: 'x.example', fqdn_source: 'http' },
    dns(60 * SECOND),
    dns(60 * SECOND + 1),
    dns(HOUR + 60 * SECOND),
    dns(HOUR + 60 * SECOND + 1),
    dns(10, { dns_evidence: 'network' }),
    {},
    { protocol: 'icmp', server_port: null },
    { server_port: 53, protocol: 'udp' },
    { server_port: 5353, protocol: 'udp' },
  ]);
  expect(card).toMatchObject({
    finding: 'A name is known for 77.8 % of the flows of all traffic and 83.3 % of their bytes, out of 9 flows.',
    n: 9,
    exclusions: [
      { reason: 'Left out (neither TCP nor UDP)', n: 1 },
      { reason: 'Left out (DNS itself, server port 53 or 5353)', n: 2 },
    ],
  });
  expect(card!.tables[1]!.rows.map(({ evidence, flows, bytes }) => [evidence, flows, bytes])).toEqual([
    ['SNI of TLS or QUIC', 2, 500],
    ['HTTP Host', 1, 100],
    ['DNS, within its TTL', 1, 100],
    ['DNS, expired, within grace', 2, 200],
    ["DNS, another client's answer", 1, 100],
    ['none: DNS name too old to use', 1, 100],
    ['none', 1, 100],
  ]);
});

test('another grace moves the border of the table', async () => {
  const { 'coverage.evidence': card } = await run(
    [dns(60 * SECOND + 60 * SECOND), dns(60 * SECOND + 60 * SECOND + 1)],
    undefined,
    {
      grace_s: 60,
    },
  );
  expect(
    card!.tables[1]!.rows.filter(({ flows }) => flows !== 0).map(({ evidence, flows }) => [evidence, flows]),
  ).toEqual([
    ['DNS, expired, within grace', 1],
    ['none: DNS name too old to use', 1],
  ]);
});

test('services are told with what tells them, over all traffic whatever the service asked about', async () => {
  const { 'coverage.services': card } = await run(
    [
      { service: 'whatsapp', service_source: 'name', down_bytes: 700 },
      { service: 'whatsapp', service_source: 'ip-set', service_confidence: 0.75 },
      { service: 'whatsapp', service_source: 'ip-set', service_confidence: 0.95 },
      { service: 'signal', service_source: 'name' },
      { down_bytes: 100 },
    ],
    'signal',
  );
  expect(card!.finding).toBe('Rules own 80 % of all flows and 90.9 % of their bytes, out of 5 flows.');
  const [, services, known] = card!.tables;
  expect(services!.rows.map(({ service, flows, byte_share }) => [service, flows, byte_share])).toEqual([
    ['whatsapp', 3, 9 / 11],
    ['(no service)', 1, 1 / 11],
    ['signal', 1, 1 / 11],
  ]);
  expect(known!.rows.map(({ service, known_by, bytes, confidence }) => [service, known_by, bytes, confidence])).toEqual(
    [
      ['whatsapp', 'name', 700, null],
      ['whatsapp', 'address seen under its names', 200, 0.85],
      ['signal', 'name', 100, null],
    ],
  );
});

test('flows without a name are told by what else knows their service', async () => {
  const { 'coverage.evidence': card } = await run([
    sni('e1.whatsapp.net', { service: 'whatsapp', service_source: 'name' }),
    { service: 'whatsapp', service_source: 'ip-set', service_confidence: 0.75 },
    { service: 'whatsapp', service_source: 'payload' },
    dns(2 * HOUR, { service: 'whatsapp', service_source: 'payload' }),
    { service: 'whatsapp', service_source: 'port' },
    {},
  ]);
  expect(card!.tables[2]!.rows.map(({ known_by, flows, flow_share }) => [known_by, flows, flow_share])).toEqual([
    ['address seen under its names', 1, 1 / 6],
    ['payload', 2, 2 / 6],
    ['port', 1, 1 / 6],
    ['nothing', 1, 1 / 6],
  ]);
  expect(card!.tables[3]!.rows.map((row) => [row.fqdn_source, row.dns_standing, row.known_by, row.flows])).toEqual([
    ['', 'no DNS name', '-', 1],
    ['', 'no DNS name', 'address seen under its names', 1],
    ['', 'no DNS name', 'payload', 1],
    ['', 'no DNS name', 'port', 1],
    ['', 'DNS, expired beyond grace', 'payload', 1],
    ['sni', 'no DNS name', '-', 1],
  ]);
});

test('names without an owner are put together by registrable domain', async () => {
  const { 'coverage.unowned': card } = await run(
    [
      sni('a.cdn.example.co.uk', { down_bytes: 300 }),
      sni('b.example.co.uk', { down_bytes: 500 }),
      sni('192.0.2.7', { down_bytes: 150 }),
      sni('e1.whatsapp.net', { service: 'whatsapp', down_bytes: 50 }),
      {},
    ],
    undefined,
    { top: 1 },
  );
  expect(card).toMatchObject({
    finding: 'The heaviest domain that no rule owns is example.co.uk with 800 B in 2 flows, 72.7 % of all bytes.',
    n: 3,
    exclusions: [{ reason: 'Not listed (lighter domains)', n: 1 }, { n: 0 }],
  });
  expect(card!.tables[0]!.rows).toEqual([
    { domain: 'example.co.uk', names: 2, heaviest: 'b.example.co.uk', flows: 2, bytes: 800, byte_share: 800 / 1100 },
  ]);
});

test('DNS names are compared with the SNI, and an outer SNI is not', async () => {
  const both = (name: string, dnsName: string, columns: PlantedRow = {}): PlantedRow =>
    dns(10, { ...sni(name), dns_name: dnsName, ...columns });
  const { 'coverage.agreement': card } = await run([
    both('a.example.com', 'a.example.com'),
    both('a.example.com', 'a.example.com'),
    both('a.example.com', 'b.example.com'),
    both('a.example.com', 'example.org'),
    both('outer.example', 'inner.example', { sni_is_outer: 1 }),
    both('a.example.com', 'network.example', { dns_evidence: 'network' }),
    sni('alone.example'),
  ]);
  expect(card).toMatchObject({
    finding:
      'The DNS name equals the SNI in 50 % of the flows of all traffic that have both and shares its registrable domain in 75 %, out of 4 flows.',
    n: 4,
  });
  expect(card!.tables[1]!.rows).toEqual([{ sni: 'a.example.com', dns_name: 'example.org', flows: 1 }]);
});

test('several candidates make a name ambiguous', async () => {
  const names = (n: number) => dns(10, { dns_candidates: Array.from({ length: n }, (_, i) => `${i}.example`) });
  const { 'coverage.ambiguity': card } = await run([names(1), names(1), names(2), names(5), names(9), {}]);
  expect(card!.finding).toBe(
    '60 % of the flows of all traffic with a DNS name had more than one to choose from, out of 5 flows.',
  );
  expect(card!.tables[0]!.rows.map((row) => [row.names, row.flows])).toEqual([
    ['1', 2],
    ['2', 1],
    ['5 or more', 2],
    ['more than one', 3],
    ['all', 5],
  ]);
});

test('the delay from answer to flow is told by how the answer stood', async () => {
  const { 'coverage.delay': card } = await run([
    dns(1000),
    dns(3000),
    dns(50 * SECOND),
    dns(90 * SECOND),
    dns(2 * HOUR),
  ]);
  expect(card!.finding).toBe(
    'Half of the flows of all traffic whose DNS answer is within its TTL begin at most 3 ms after it, nine in ten at most 50 s, out of 3 flows.',
  );
  expect(card!.tables[0]!.rows.map((row) => [row.answer, row.flows, row.p50_us])).toEqual([
    ['within its TTL', 3, 3000],
    ['expired', 2, 90 * SECOND],
  ]);
});

test('the hit rate grows from the start of an import', async () => {
  const begun = (afterUs: number, columns: PlantedRow = {}): PlantedRow => ({
    started_at: at + afterUs,
    ended_at: at + afterUs,
    ...columns,
  });
  const named = { dns_name: 'x.example', dns_evidence: 'valid', fqdn: 'x.example', fqdn_source: 'dns' };
  const { 'coverage.warm-up': card } = await run([
    begun(0),
    begun(MINUTE - 1, named),
    begun(MINUTE, { fqdn: 'y.example', fqdn_source: 'sni' }),
    begun(HOUR, named),
  ]);
  expect(card!.finding).toBe(
    '50 % of the flows of all traffic that begin in the first minute of their import have a DNS name; after an hour it is 100 %.',
  );
  expect(card!.tables[0]!.rows.map((row) => [row.phase, row.flows, row.dns_flows, row.named_flows])).toEqual([
    ['in the first minute', 2, 1, 1],
    ['in minutes 2 to 5', 1, 0, 1],
    ['after an hour', 1, 1, 1],
  ]);
});
