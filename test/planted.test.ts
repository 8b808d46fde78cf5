/** A planted capture through the whole pipeline: every flow and every DNS transaction is found as it was planted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openAddressDatabase } from '../src/enrich/address-database.ts';
import { plantedOverlay } from '../src/synth/hosting.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { importRows, type Row } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-planted-'));
afterAll(() => rmSync(folder, { recursive: true }));

const scene = plantedWhatsApp({ seed: 7, clients: 12, hours: 2 });
const capture = join(folder, 'planted.pcap');
writePcap(capture, scene.frames);
const truth = scene.truth();
const overlay = join(folder, 'networks.csv');
writeFileSync(overlay, plantedOverlay);
const { flows, dns, http, counters, imports, summary } = await importRows([capture], {
  addresses: await openAddressDatabase({ overlay }),
});

/** Columns of flows whose truth is planted; what waits for TCP sequence tracking is not among them. */
const flowColumns = [
  'client_ip',
  'client_port',
  'server_ip',
  'server_port',
  'protocol',
  'started_at',
  'ended_at',
  'up_packets',
  'down_packets',
  'up_bytes',
  'down_bytes',
  'up_syns',
  'down_syns',
  'server_rtt_us',
  'client_rtt_us',
  'conn_state',
  'tls_sni',
  'http_host',
  'dns_name',
  'dns_answered_at',
  'dns_ttl_s',
  'dns_candidates',
  'dns_evidence',
  'fqdn',
  'fqdn_source',
] as const;

const idOf = (flow: { readonly [name: string]: unknown }): string =>
  [flow.client_ip, flow.client_port, flow.server_ip, flow.server_port, flow.started_at].join(' ');

describe('flows', () => {
  const byId = new Map(flows.map((flow) => [idOf(flow), flow]));

  test('there are as many as were planted', () => {
    expect(flows).toHaveLength(truth.flows.length);
    expect(truth.flows.length).toBeGreaterThan(200);
  });

  test.each([...new Set(truth.flows.map(({ scenario }) => scenario))])('%s', (scenario) => {
    for (const planted of truth.flows.filter((flow) => flow.scenario === scenario)) {
      const found = byId.get(idOf(planted as unknown as Row));
      expect(found, idOf(planted as unknown as Row)).toBeDefined();
      const pick = (row: Record<string, unknown>) => Object.fromEntries(flowColumns.map((name) => [name, row[name]]));
      expect(pick(found!)).toEqual(pick(planted as unknown as Row));
      expect(planted.end_reason === 'open' ? ['idle', 'eof'] : [planted.end_reason]).toContain(found!.end_reason);
    }
  });

  // What the rule must give, written out: the truth above is computed.
  test.each<readonly [scenario: string, ...flows: (readonly [dnsName: string, evidence: string, fqdn: string])[]]>([
    [
      'expiry',
      ['short.lived.example', 'valid', 'short.lived.example'],
      ['short.lived.example', 'expired', 'short.lived.example'],
      ['short.lived.example', 'expired', 'short.lived.example'],
      ['short.lived.example', 'expired', ''],
    ],
    ['zero-ttl', ['no.cache.example', 'expired', 'no.cache.example']],
    [
      'shared-address',
      ['one.shared.example', 'valid', 'one.shared.example'],
      ['two.shared.example', 'valid', 'two.shared.example'],
      ['one.shared.example', 'valid', 'one.shared.example'],
    ],
    ['answer-after-flow', ['', '', '']],
    ['answer-before-flow', ['late.answer.example', 'valid', 'late.answer.example']],
    ['other-clients-answer', ['', '', '']],
    ['foreign-alias', ['v.whatsapp.net', 'valid', 'v.whatsapp.net']],
    ['ipv6', ['six.shared.example', 'valid', 'six.shared.example']],
    ['after-dns-over-tcp', ['e9.whatsapp.net', 'valid', 'e9.whatsapp.net']],
    ['mixed-case', ['mixed.case.example', 'valid', 'mixed.case.example']],
    ['encrypted-hello', ['hidden.site.example', 'valid', 'hidden.site.example']],
    ['split-hello', ['', '', 'mmi777.whatsapp.net']],
  ])('hard case of naming: %s', (scenario, ...expected) => {
    const ids = new Set(truth.flows.filter((flow) => flow.scenario === scenario).map((flow) => idOf({ ...flow })));
    const found = flows
      .filter((flow) => ids.has(idOf(flow)))
      .sort((a, b) => (a.started_at as number) - (b.started_at as number));
    expect(found.map((flow) => [flow.dns_name, flow.dns_evidence, flow.fqdn])).toEqual(expected);
  });

  test('a flow whose name is visible has the service and class that it truly is of', () => {
    const named = truth.flows.filter(({ fqdn, service }) => fqdn !== '' && service !== '');
    expect(named.length).toBeGreaterThan(50);
    for (const planted of named) {
      const { service, class: ofClass } = byId.get(idOf(planted as unknown as Row))!;
      expect([planted.fqdn, service, ofClass]).toEqual([planted.fqdn, planted.service, planted.class]);
    }
  });

  test('the system of every client is found, as far as its SYNs and User-Agents tell', () => {
    const known = truth.flows.map((planted) => ({ ...planted, found: byId.get(idOf({ ...planted }))!.os as string }));
    const wordsFor = (os: string): string[] => [
      ...new Set(known.filter((flow) => flow.os === os).map(({ found }) => found)),
    ];
    // A question may be over before its client opens a first connection.
    expect(wordsFor('Android').sort()).toEqual(['', 'Android']);
    expect(wordsFor('iOS').filter((found) => !['', 'iOS', 'iOS or macOS'].includes(found))).toEqual([]);
    expect(wordsFor('iOS')).toContain('iOS');
    const connections = known.filter(({ protocol }) => protocol === 'tcp');
    expect(connections.filter(({ os, found }) => !found.split(' or ').includes(os))).toEqual([]);
    expect(connections.filter(({ os, found }) => os === found).length / connections.length).toBeGreaterThan(0.9);
  });

  test('flow ids are distinct', () => {
    expect(new Set(flows.map(({ flow_id }) => flow_id)).size).toBe(flows.length);
  });

  test('the dated overlay names the network of 2014', () => {
    const chat = flows.find(({ fqdn }) => /^e\d+\.whatsapp\.net$/.test(String(fqdn)));
    expect(chat).toMatchObject({ server_asn: 36351 });
  });
});

test('DNS transactions are those planted', () => {
  const columns = [
    'asked_at',
    'answered_at',
    'client_ip',
    'resolver_ip',
    'protocol',
    'qname',
    'qtype',
    'rcode',
    'aliases',
    'latency_us',
    'retries',
    'truncated',
    'ech_config',
  ];
  const plain = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value);
  const pick = (row: Record<string, unknown>) => Object.fromEntries(columns.map((name) => [name, plain(row[name])]));
  const order = (a: Record<string, unknown>, b: Record<string, unknown>): number =>
    (a.asked_at as number) - (b.asked_at as number) ||
    String(a.qname).localeCompare(String(b.qname)) ||
    String(a.qtype).localeCompare(String(b.qtype));
  const found = dns.map(pick).sort(order);
  expect(found).toEqual(truth.dns.map((row) => pick(row as unknown as Row)).sort(order));
});

test('HTTP requests are those planted, one a connection, each with its response', () => {
  const planted = truth.flows.filter(({ http_host }) => http_host !== '');
  const flowOf = new Map(flows.map((flow) => [flow.flow_id, flow]));
  expect(http).toHaveLength(planted.length);
  expect(planted.length).toBeGreaterThan(5);
  const order = (one: string, other: string): number => (one < other ? -1 : 1);
  expect(http.map(({ flow_id, host }) => `${idOf(flowOf.get(flow_id!)!)} ${host}`).sort(order)).toEqual(
    planted.map((flow) => `${idOf({ ...flow })} ${flow.http_host}`).sort(order),
  );
  for (const row of http) {
    const { client_ip, server_rtt_us, client_rtt_us, down_payload } = flowOf.get(row.flow_id!)!;
    expect(row).toMatchObject({
      client: client_ip,
      method: 'GET',
      path: '/index.html',
      status: 200,
      content_type: 'text/html',
    });
    expect(row.user_agent).not.toBe('');
    // The head of the response is what the content leaves of the payload.
    expect((down_payload as number) - (row.content_length as number)).toBeLessThan(100);
    expect(row.latency_us).toBeGreaterThanOrEqual(server_rtt_us as number);
    expect(row.latency_us).toBeLessThan((server_rtt_us as number) + (client_rtt_us as number) + 50_000);
  }
});

describe('counters', () => {
  const sum = (rows: readonly Row[], ...names: string[]): number =>
    rows.reduce(
      (total, row) => total + names.reduce((inner, name) => inner + ((row[name] as number | null) ?? 0), 0),
      0,
    );

  test.each([
    [['up_packets'], 'up_packets'],
    [['down_packets'], 'down_packets'],
    [['up_bytes'], 'up_bytes'],
    [['down_bytes'], 'down_bytes'],
    [['up_syns'], 'syns'],
    [['down_syns'], 'synacks'],
    [['up_fins', 'down_fins'], 'fins'],
    [['up_rsts', 'down_rsts'], 'rsts'],
  ])('%s of flows and %s of minutes add up alike, for every service', (ofFlows, ofCounters) => {
    for (const service of new Set(flows.map((flow) => flow.service))) {
      const isOurs = (row: Row): boolean => row.service === service;
      expect(sum(counters.filter(isOurs), ofCounters), String(service)).toBe(sum(flows.filter(isOurs), ...ofFlows));
    }
  });

  test('flows are counted once, in the minute that they open', () => {
    expect(sum(counters, 'flows_opened')).toBe(flows.length);
    const first = Math.min(...flows.map(({ started_at }) => started_at as number));
    const minuteAt = Math.floor(first / 60e6) * 60e6;
    const inFirst = flows.filter(({ started_at }) => (started_at as number) < minuteAt + 60e6);
    expect(
      sum(
        counters.filter((row) => row.minute_at === minuteAt),
        'flows_opened',
      ),
    ).toBe(inFirst.length);
  });

  test('DNS answers and time-outs are counted by their code', () => {
    for (const [rcode, column] of [
      ['NOERROR', 'dns_ok'],
      ['NXDOMAIN', 'dns_nxdomain'],
      ['', 'dns_timeout'],
    ] as const) {
      expect(sum(counters, column), column).toBe(dns.filter((row) => row.rcode === rcode).length);
    }
  });
});

test('every packet is accounted for, and times never go back', () => {
  expect(summary.packets).toBe(
    counters.reduce((n, row) => n + (row.up_packets as number) + (row.down_packets as number), 0),
  );
  expect(summary.reasons).toEqual({});
  expect(imports).toMatchObject([{ state: 'complete', malformed: 0, dropped: null, packet_count: summary.packets }]);
  for (const rows of [flows, dns, counters]) {
    for (const [i, row] of rows.entries())
      if (i > 0) expect(row.reported_at as number).toBeGreaterThanOrEqual(rows[i - 1]!.reported_at as number);
  }
});
