import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hasProgram } from '../../test/needs.ts';
import { writePcap } from './pcap-writer.ts';
import { type PlantOptions, plantedWhatsApp } from './planted-whatsapp.ts';
import type { Truth } from './truth.ts';

const folder = mkdtempSync(join(tmpdir(), 'sonde-synth-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plant = (options: PlantOptions): { readonly path: string; readonly truth: Truth } => {
  const scene = plantedWhatsApp(options);
  const path = join(folder, `${JSON.stringify(options).replace(/\W+/g, '-')}.pcap`);
  writePcap(path, scene.frames);
  return { path, truth: scene.truth() };
};

const planted = plant({ seed: 20140218, clients: 6, hours: 0.5 });

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

test('the same options give the same bytes, another seed others', () => {
  const options = { clients: 2, hours: 0.1 };
  const [first, again, other] = [7, 7, 8].map((seed) => digestOf(plant({ seed, ...options }).path));
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test('hard cases of naming are labelled as the rules of naming demand', () => {
  const labels = (scenario: string) =>
    planted.truth.flows
      .filter((flow) => flow.scenario === scenario)
      .map(({ fqdn, fqdn_source, dns_evidence, dns_candidates }) => [fqdn, fqdn_source, dns_evidence, dns_candidates]);
  const [one, two, short] = ['one.shared.example', 'two.shared.example', 'short.lived.example'];
  expect(labels('shared-address')).toEqual([
    [one, 'dns', 'valid', [one]],
    [two, 'dns', 'valid', [two, one]],
    [one, 'dns', 'valid', [one, two]],
  ]);
  // At the end of the time to live, 1 µs later, at the end of the hour of grace, 1 µs later.
  expect(labels('expiry')).toEqual([
    [short, 'dns', 'valid', [short]],
    [short, 'dns', 'expired', [short]],
    [short, 'dns', 'expired', [short]],
    ['', '', 'expired', [short]],
  ]);
  expect(labels('answer-after-flow')).toEqual([['', '', '', []]]);
  expect(labels('other-clients-answer')).toEqual([['', '', '', []]]);
  expect(labels('foreign-alias')).toEqual([['v.whatsapp.net', 'dns', 'valid', ['v.whatsapp.net']]]);
  expect(labels('after-dns-over-tcp')).toEqual([['e9.whatsapp.net', 'dns', 'valid', ['e9.whatsapp.net']]]);
  expect(labels('encrypted-hello')).toEqual([['hidden.site.example', 'dns', 'valid', ['hidden.site.example']]]);
});

test('chat carries no name in its bytes and closes after the time-out of its system', () => {
  const chats = planted.truth.flows.filter(({ scenario }) => scenario === 'chat');
  expect(chats.length).toBeGreaterThan(3);
  expect(new Set(chats.map(({ tls_sni }) => tls_sni))).toEqual(new Set(['']));
  const minutes = [3, 10, 15, 24];
  // The last acknowledgement takes one more round trip to an end.
  for (const { closing_idle_us } of chats) expect(minutes).toContain(Math.floor(closing_idle_us! / 60e6));
});

/** All packets as tshark reads them: one record a packet, its fields by name, several values joined by a comma. */
const readByTshark = (path: string, fields: readonly string[]): Record<string, string>[] => {
  const checks = ['ip', 'tcp', 'udp'].flatMap((each) => ['-o', `${each}.check_checksum:TRUE`]);
  const options = [
    '-n',
    '-r',
    path,
    ...checks,
    '-T',
    'fields',
    '-E',
    'separator=/t',
    ...fields.flatMap((f) => ['-e', f]),
  ];
  const { stdout, status, stderr } = spawnSync('tshark', options, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const values = line.split('\t');
      return Object.fromEntries(fields.map((field, i) => [field, values[i] ?? '']));
    });
};

const toMicros = (epoch: string): number => Math.round(Number(epoch) * 1e6);
/** Older versions write True and False, newer ones 1 and 0. */
const isSet = (flag: string | undefined): boolean => flag === 'True' || flag === '1';
const splitList = (text: string): string[] => (text === '' ? [] : text.split(','));

describe.skipIf(!hasProgram('tshark'))('tshark agrees with the truth', () => {
  const packets = readByTshark(planted.path, [
    ...['frame.time_epoch', 'tcp.stream', 'udp.stream', 'ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst', 'vlan.id'],
    ...['tcp.srcport', 'udp.srcport', 'tcp.dstport', 'udp.dstport', 'ip.len', 'ipv6.plen', 'tcp.len', 'udp.length'],
    ...[
      'tcp.flags.syn',
      'tcp.flags.ack',
      'tcp.analysis.initial_rtt',
      'tls.handshake.extensions_server_name',
      'http.host',
    ],
    ...['dns.id', 'dns.flags.response', 'dns.qry.name', 'dns.flags.rcode', 'dns.flags.truncated'],
    ...['dns.a', 'dns.aaaa', 'dns.cname', 'dns.retransmission'],
    ...['_ws.malformed', 'ip.checksum.status', 'tcp.checksum.status', 'udp.checksum.status'],
  ]);

  test('no packet is malformed or has a wrong checksum, and their times never go back', () => {
    const GOOD = ['', '1'];
    const isBad = (packet: Record<string, string>): boolean =>
      packet['_ws.malformed'] !== '' ||
      ['ip', 'tcp', 'udp'].some((protocol) => !GOOD.includes(packet[`${protocol}.checksum.status`]!));
    expect(packets.filter(isBad)).toEqual([]);
    const times = packets.map((packet) => toMicros(packet['frame.time_epoch']!));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('each flow has the ends, times, packets, bytes, payload, RTT and names of the truth', () => {
    const flows = new Map<string, Record<string, unknown>>();
    for (const packet of packets) {
      const field = (...names: string[]): string =>
        names.map((name) => packet[name]!).find((value) => value !== '') ?? '';
      const protocol = packet['tcp.stream'] === '' ? 'udp' : 'tcp';
      const key = `${protocol} ${field('tcp.stream', 'udp.stream')}`;
      const at = toMicros(field('frame.time_epoch'));
      const source = field('ip.src', 'ipv6.src');
      const flow = flows.get(key) ?? {
        client_ip: source,
        client_port: Number(field('tcp.srcport', 'udp.srcport')),
        server_ip: field('ip.dst', 'ipv6.dst'),
        server_port: Number(field('tcp.dstport', 'udp.dstport')),
        protocol,
        started_at: at,
        ended_at: at,
        ...{ up_packets: 0, down_packets: 0, up_bytes: 0, down_bytes: 0, up_payload: 0, down_payload: 0 },
        ...(protocol === 'tcp' ? { up_syns: 0, down_syns: 0 } : { up_syns: null, down_syns: null }),
        ...{ max_idle_us: 0, rtt_us: null, tls_sni: '', http_host: '' },
      };
      flows.set(key, flow);
      const way = source === flow.client_ip ? 'up' : 'down';
      const add = (name: string, value: number): void => {
        flow[`${way}_${name}`] = Number(flow[`${way}_${name}`]) + value;
      };
      add('packets', 1);
      add('bytes', packet['ip.len'] === '' ? 40 + Number(packet['ipv6.plen']) : Number(packet['ip.len']));
      add('payload', protocol === 'tcp' ? Number(packet['tcp.len']) : Number(packet['udp.length']) - 8);
      if (isSet(packet['tcp.flags.syn'])) add('syns', 1);
      flow.max_idle_us = Math.max(Number(flow.max_idle_us), at - Number(flow.ended_at));
      flow.ended_at = at;
      // It calls the time to a refusal a handshake too.
      if (packet['tcp.analysis.initial_rtt'] && flow.down_syns === 1)
        flow.rtt_us = toMicros(packet['tcp.analysis.initial_rtt']);
      flow.tls_sni ||= packet['tls.handshake.extensions_server_name'];
      flow.http_host ||= packet['http.host'];
    }
    const expected = planted.truth.flows.map((flow) => ({
      ...Object.fromEntries(
        Object.keys([...flows.values()][0]!).map((name) => [name, flow[name as keyof typeof flow]]),
      ),
      rtt_us:
        flow.server_rtt_us === null || flow.client_rtt_us === null ? null : flow.server_rtt_us + flow.client_rtt_us,
    }));
    const toKey = (flow: Record<string, unknown>): string => `${flow.started_at} ${flow.client_ip} ${flow.client_port}`;
    const sorted = (list: readonly Record<string, unknown>[]) =>
      list.toSorted((a, b) => (toKey(a) < toKey(b) ? -1 : 1));
    expect(sorted([...flows.values()])).toEqual(sorted(expected));
  });

  test('each DNS answer has the name, code, addresses and aliases of the truth', () => {
    const answers = packets
      .filter((packet) => isSet(packet['dns.flags.response']))
      .map((packet) => ({
        answered_at: toMicros(packet['frame.time_epoch']!),
        qname: packet['dns.qry.name']!.toLowerCase(),
        rcode: { 0: 'NOERROR', 2: 'SERVFAIL', 3: 'NXDOMAIN' }[Number(packet['dns.flags.rcode'])],
        truncated: isSet(packet['dns.flags.truncated']),
        aliases: splitList(packet['dns.cname']!),
        answers: splitList(packet['dns.a'] || packet['dns.aaaa']!),
      }));
    const expected = planted.truth.dns
      .filter((row) => row.answered_at !== null)
      .toSorted((a, b) => a.answered_at! - b.answered_at!);
    expect(answers).toEqual(
      expected.map(({ answered_at, qname, rcode, truncated, aliases, answers }) => ({
        ...{ answered_at, qname, rcode, truncated, aliases, answers },
      })),
    );
  });

  test('each question is asked as often as the truth says', () => {
    const questions = packets.filter(
      (packet) => packet['dns.id'] !== '' && !isSet(packet['dns.flags.response']),
    ).length;
    expect(questions).toBe(planted.truth.dns.reduce((sum, { retries }) => sum + 1 + retries, 0));
  });
});
