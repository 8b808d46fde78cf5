/** Zeek's own results, on traces where Zeek and tshark agree to the byte: every connection, every DNS answer. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../needs.ts';
import { importRows, type Row } from '../rows.ts';

/** Cases on links that are read. */
const cases = [
  ['core.pcapng-pktsrc', 'pcapng-multi-interface.pcapng'],
  ['core.q-in-q', 'q-in-q.pcap'],
  ['scripts.policy.protocols.conn.vlan-logging', 'q-in-q.pcap'],
  ['opt.basic', 'wikipedia.pcap'],
] as const;

const readZeekLog = (path: string): Record<string, string>[] => {
  let fields: string[] = [];
  const rows: Record<string, string>[] = [];
  for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) {
    const cells = line.split('\t');
    if (line.startsWith('#fields')) fields = cells.slice(1);
    else if (!line.startsWith('#')) rows.push(Object.fromEntries(fields.map((name, i) => [name, cells[i]!])));
  }
  return rows;
};

const ends = (ip: unknown, port: unknown): string => `${ip} ${port ?? ''}`;

/** Zeek's originator is the first sender; ours may be the other end, where only that one is local. */
const seenFrom = (flow: Row, originator: string): Record<string, unknown> => {
  const up = ends(flow.client_ip, flow.client_port) === originator;
  return {
    packets: up ? [flow.up_packets, flow.down_packets] : [flow.down_packets, flow.up_packets],
    bytes: up ? [flow.up_bytes, flow.down_bytes] : [flow.down_bytes, flow.up_bytes],
    payload: up ? [flow.up_payload, flow.down_payload] : [flow.down_payload, flow.up_payload],
  };
};

/** Of a connection of one packet Zeek tells no payload. */
const payloadOf = ({ orig_bytes, resp_bytes }: Record<string, string>): number[] | undefined =>
  orig_bytes === '-' ? undefined : [Number(orig_bytes), Number(resp_bytes)];

describe.skipIf(!hasSharedData)('Zeek baselines', () => {
  test.each(cases)('%s: packets, IP bytes, payload, duration and state of every connection', async (name, trace) => {
    const { flows } = await importRows([sharedData(`captures/zeek/traces/${trace}`)]);
    const baseline = readZeekLog(sharedData(`captures/zeek/baseline/${name}/conn.log`));
    const used = new Set<Row>();
    for (const conn of baseline) {
      const isIcmp = conn.proto === 'icmp';
      const orig = ends(conn['id.orig_h'], isIcmp ? '' : conn['id.orig_p']);
      const resp = ends(conn['id.resp_h'], isIcmp ? '' : conn['id.resp_p']);
      const flow = flows.find((row) => {
        const both = [ends(row.client_ip, row.client_port), ends(row.server_ip, row.server_port)];
        return (
          !used.has(row) && both.includes(orig) && both.includes(resp) && String(row.protocol).endsWith(conn.proto!)
        );
      });
      expect(flow, `${conn.proto} ${orig} ${resp}`).toBeDefined();
      used.add(flow!);
      expect(seenFrom(flow!, orig), `${conn.proto} ${orig} ${resp}`).toEqual({
        packets: [Number(conn.orig_pkts), Number(conn.resp_pkts)],
        bytes: [Number(conn.orig_ip_bytes), Number(conn.resp_ip_bytes)],
        payload: isIcmp ? [null, null] : (payloadOf(conn) ?? expect.anything()),
      });
      const duration = ((flow!.ended_at as number) - (flow!.started_at as number)) / 1e6;
      expect(duration.toFixed(6)).toBe(conn.duration === '-' ? '0.000000' : conn.duration);
      if (conn.proto === 'tcp') expect(flow!.conn_state, `${orig} ${resp}`).toBe(conn.conn_state);
    }
    expect(used.size).toBe(baseline.length);
  });

  test.each([
    ['opt.basic', 'wikipedia.pcap'],
    ['scripts.base.protocols.dns.spf', 'dns-spf.pcap'],
    ['scripts.base.protocols.dns.multiple-txt-strings', 'dns-txt-multiple.pcap'],
  ])('%s: DNS answers are our aliases followed by our answers', async (name, trace) => {
    const { dns } = await importRows([sharedData(`captures/zeek/traces/${trace}`)]);
    const rows = readZeekLog(sharedData(`captures/zeek/baseline/${name}/dns.log`)).filter(
      ({ answers }) => answers !== '-',
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const ours = dns
        .filter(({ qname }) => qname === row.query!.toLowerCase())
        .map(({ aliases, answers }) => [...(aliases as string[]), ...(answers as string[])].join(','));
      expect(ours, row.query).toContain(row.answers);
    }
  });
});
