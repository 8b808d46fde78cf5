/** HTTP requests and responses against the readings of Zeek and tshark. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasProgram, hasSharedData, sharedData } from '../needs.ts';
import { importRows, type Row } from '../rows.ts';
import { readZeekLog } from './zeek-log.ts';

const orEmpty = (value: string): string => (value === '-' ? '' : value);
const withoutQuery = (target: string): string => target.replace(/\?.*$/, '');

describe.skipIf(!hasSharedData)('Zeek baselines', () => {
  const cases = [
    ['opt.basic', 'wikipedia.pcap'],
    ['scripts.base.protocols.http.100-continue', 'http/100-continue.pcap'],
    ['scripts.base.protocols.http.missing-http-entity', 'http/interleaved-http-entity.pcap'],
    ['core.vlan-mpls', 'mixed-vlan-mpls.pcap'],
    ['core.tunnels.gtp.outer_ip_frag', 'tunnels/gtp/gtp1_gn_normal_incl_fragmentation.pcap'],
  ] as const;

  test.each(cases)('%s: every request with its response, in the order of each connection', async (name, trace) => {
    const { http, flows } = await importRows([sharedData(`captures/zeek/traces/${trace}`)]);
    const flowOf = new Map(flows.map((flow) => [flow.flow_id, flow]));
    const ours = http
      // Zeek reads no connection of which it saw no start.
      .filter(({ flow_id }) => (flowOf.get(flow_id!)!.up_syns as number) > 0)
      .map((row) => [
        flowOf.get(row.flow_id!)!.client_port,
        row.method,
        row.host,
        row.path,
        row.user_agent,
        row.status,
      ]);
    const theirs = readZeekLog(sharedData(`captures/zeek/baseline/${name}/http.log`))
      // What it takes for HTTP/0.9 are requests without a version, of which Sonde knows none.
      .filter(({ version }) => version !== '0.9')
      .map((row) => [
        Number(row['id.orig_p']),
        row.method,
        orEmpty(row.host!),
        withoutQuery(row.uri!),
        orEmpty(row.user_agent!),
        Number(row.status_code),
      ]);
    const byPort = (a: readonly unknown[], b: readonly unknown[]): number => (a[0] as number) - (b[0] as number);
    expect(ours.sort(byPort)).toEqual(theirs.sort(byPort));
    expect(theirs.length).toBeGreaterThan(0);
  });

  test('a Content-Length is the length of the content that Zeek saw', async () => {
    const { http } = await importRows([sharedData('captures/zeek/traces/http/interleaved-http-entity.pcap')]);
    expect(http[0]).toMatchObject({ content_length: 3 });
  });
});

/** What is known to differ: capture, cause. */
const readDifferences = (): Map<string, string> =>
  new Map(
    readFileSync(new URL('http-differences.tsv', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [capture, text, cause] = line.split('\t') as [string, string, string];
        return [`${capture}\t${text}`, cause] as const;
      }),
  );

const fields = [
  'http.request.method',
  'http.host',
  'http.request.uri',
  'http.user_agent',
  'http.response.code',
  'http.content_type',
  'http.content_length_header',
];

/** Requests and responses that tshark sees, as texts; of content it needs none, and segments may come in any order. */
const readTshark = (path: string): string[] => {
  const output = execFileSync(
    'tshark',
    [
      ...['-r', path, '-Y', 'tcp && (http.request || http.response)', '-T', 'fields', '-E', 'occurrence=l'],
      ...['-o', 'http.desegment_body:FALSE', '-o', 'tcp.reassemble_out_of_order:TRUE'],
      ...fields.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 },
  );
  return output.split('\n').flatMap((line) => {
    const [method = '', host, uri = '', agent, status = '', type = '', length] = line.split('\t');
    if (method !== '') {
      const target = method === 'CONNECT' ? '' : withoutQuery(uri.replace(/^http:\/\/[^/]*/, ''));
      return [`${method} ${host!.replace(/:\d+$/, '').toLowerCase()} ${target} ${agent}`];
    }
    return status === '' ? [] : [`${status} ${type.split(';')[0]!.trim().toLowerCase()} ${length}`];
  });
};

const describeRows = (rows: readonly Row[]): string[] =>
  rows.flatMap(({ method, host, path, user_agent, status, content_type, content_length }) => [
    ...(method === '' ? [] : [`${method} ${host} ${path} ${user_agent}`]),
    ...(status === null ? [] : [`${status} ${content_type} ${content_length ?? ''}`]),
  ]);

/** What of `a` is not in `b`, counting how often. */
const without = (a: readonly string[], b: readonly string[]): string[] => {
  const left = [...b];
  return a.filter((text) => {
    const i = left.indexOf(text);
    if (i < 0) return true;
    left.splice(i, 1);
    return false;
  });
};

/** Of the captures with HTTP those that differ in kind: order, gaps, one side alone, cut segments, proxies, heads in pieces. */
const captures = [
  'arkime/no-syn-ack.pcap',
  'arkime/single-packets.pcap',
  'arkime/tcp-reassembly-synthetic.pcap',
  'arkime/twovlan.pcap',
  'ipfixprobe/tests/functional/inputs/http.pcap',
  'ndpi/KakaoTalk_chat.pcap',
  'ndpi/android.pcap',
  'ndpi/conncheck.pcap',
  'ndpi/http-lines-split.pcap',
  'ndpi/http-proxy.pcapng',
  'ndpi/http_asymmetric.pcapng',
  'ndpi/http_connect.pcap',
  'ndpi/http_starting_with_reply.pcapng',
  'ndpi/instagram.pcap',
  'suricata-verify/029ba01ea622.pcap',
  'suricata-verify/10c3e390d062.pcap',
  'suricata-verify/12590826056a.pcap',
  'suricata-verify/13ea359c6cec.pcap',
  'suricata-verify/1a51f82ed535.pcap',
  'suricata-verify/3a515ad6b279.pcap',
  'suricata-verify/3ced228f5d7a.pcap',
  'suricata-verify/48fde6eef8a0.pcap',
  'wireshark/http-ooo.pcap',
  'zeek/traces/http/100-continue.pcap',
  'zeek/traces/http/interleaved-http-entity.pcap',
  'zeek/traces/tcp/missing-syn.pcap',
  'zeek/traces/wikipedia.pcap',
];

test.skipIf(!hasSharedData || !hasProgram('tshark'))(
  'requests and responses are those of tshark; what differs is listed by its cause',
  async () => {
    const differing: string[] = [];
    let equal = 0;
    for (const capture of captures) {
      const path = sharedData(`captures/${capture}`);
      const theirs = readTshark(path);
      const ours = describeRows((await importRows([path])).http);
      const missing = without(theirs, ours);
      equal += theirs.length - missing.length;
      differing.push(
        ...missing.map((text) => `${capture}\t- ${text}`),
        ...without(ours, theirs).map((text) => `${capture}\t+ ${text}`),
      );
    }
    expect(differing.sort()).toEqual([...readDifferences().keys()].sort());
    expect(equal).toBeGreaterThan(150);
  },
  120_000,
);
