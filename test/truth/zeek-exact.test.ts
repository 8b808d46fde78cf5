/** Zeek's own results, on traces where Zeek and tshark agree to the byte, and on tunnels: every connection, every DNS answer. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../needs.ts';
import { importRows, type Row } from '../rows.ts';
import { keyOfTruth, truthCaptures } from './truth-files.ts';
import { readZeekLog } from './zeek-log.ts';

const cases = [
  ['core.mpls-in-vlan', 'mpls-in-vlan.pcap'],
  ['core.pcapng-pktsrc', 'pcapng-multi-interface.pcapng'],
  ['core.pppoe', 'pppoe.pcap'],
  ['core.q-in-q', 'q-in-q.pcap'],
  ['core.radiotap', 'radiotap.pcap'],
  ['core.tunnels.gre', 'tunnels/gre-sample.pcap'],
  ['core.tunnels.gtp.inner_teredo', 'tunnels/gtp/gtp8_teredo.pcap'],
  ['core.tunnels.gtp.opt_header', 'tunnels/gtp/gtp6_gtp_0x32.pcap'],
  ['core.tunnels.gtp.outer_ip_frag', 'tunnels/gtp/gtp1_gn_normal_incl_fragmentation.pcap'],
  ['core.vlan-mpls', 'mixed-vlan-mpls.pcap'],
  ['scripts.policy.protocols.conn.vlan-logging', 'q-in-q.pcap'],
  ['opt.basic', 'wikipedia.pcap'],
] as const;

/** Connections that Zeek took tunnels off from: inside of them are others, which count. */
const carriersOf = (name: string): Set<string> => {
  const path = sharedData(`captures/zeek/baseline/${name}/tunnel.log`);
  const rows = existsSync(path) ? readZeekLog(path) : [];
  return new Set(rows.map((row) => `${row['id.orig_h']},${row['id.orig_p']} ${row['id.resp_h']},${row['id.resp_p']}`));
};

/** Durations of TCP connections by tshark, which goes on to their last packet: Zeek's end with the second FIN. */
const tsharkDurations = (trace: string): Map<string, number> =>
  new Map(
    truthCaptures('zeek')
      .find(({ name }) => name === `zeek/${trace.replaceAll('/', '__')}`)!
      .flows.map((flow) => [keyOfTruth(flow), flow.dur]),
  );

/** A connection of Zeek's log. */
interface Conn {
  readonly proto: string;
  readonly a: readonly [string, number];
  readonly b: readonly [string, number];
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  /** Of ICMP and of connections of one packet Zeek tells none. */
  readonly payload: readonly [number, number] | undefined;
  readonly state: string;
  readonly isInTunnel: boolean;
  /** Seconds; undefined if it is not known. */
  readonly duration: string | undefined;
}

const readConns = (name: string): Conn[] => {
  const carriers = carriersOf(name);
  const conns = new Map<string, Conn>();
  for (const row of readZeekLog(sharedData(`captures/zeek/baseline/${name}/conn.log`))) {
    const isIcmp = row.proto === 'icmp';
    const conn: Conn = {
      proto: row.proto!,
      a: [row['id.orig_h']!, isIcmp ? 0 : Number(row['id.orig_p'])],
      b: [row['id.resp_h']!, isIcmp ? 0 : Number(row['id.resp_p'])],
      packets: [Number(row.orig_pkts), Number(row.resp_pkts)],
      bytes: [Number(row.orig_ip_bytes), Number(row.resp_ip_bytes)],
      payload: isIcmp || row.orig_bytes === '-' ? undefined : payloadOf(row),
      state: row.conn_state!,
      isInTunnel: (row.tunnel_parents ?? '-') !== '-',
      duration: row.duration === '-' ? '0.000000' : row.duration!,
    };
    if (carriers.has(`${conn.a} ${conn.b}`)) continue;
    const key = keyOfTruth(conn);
    // Zeek has a connection for each type of ICMP, here there is one for all.
    const other = isIcmp ? conns.get(key) : undefined;
    if (other !== undefined) conns.set(key, join(other, conn));
    else conns.set(conns.has(key) ? `${key} ${conns.size}` : key, conn);
  }
  return [...conns.values()];
};

/** Zeek counts gaps too: a letter of the history tells of those of the originator, and of the other end. */
const payloadOf = (row: Record<string, string>): [number, number] => {
  const missed = (letter: string): number => (row.history!.includes(letter) ? Number(row.missed_bytes) : 0);
  return [Number(row.orig_bytes) - missed('G'), Number(row.resp_bytes) - missed('g')];
};

const join = (one: Conn, other: Conn): Conn => {
  const [first, second] = one.a[0] === other.a[0] ? [0, 1] : [1, 0];
  return {
    ...one,
    packets: [one.packets[0] + other.packets[first]!, one.packets[1] + other.packets[second]!],
    bytes: [one.bytes[0] + other.bytes[first]!, one.bytes[1] + other.bytes[second]!],
    duration: undefined,
  };
};

const isSameEnd = (ip: unknown, port: unknown, [address, number]: Conn['a']): boolean =>
  ip === address && (port ?? 0) === number;

/** States of UDP seen from the other end. */
const otherWay: Readonly<Record<string, string>> = { 'udp S0': 'SHR', 'udp SHR': 'S0' };

/** Zeek's originator is the first sender; ours may be the other end, where only that one is local. */
const seenFrom = (flow: Row, originator: Conn['a']) => {
  const [up, down] = [
    [flow.up_packets, flow.up_bytes, flow.up_payload],
    [flow.down_packets, flow.down_bytes, flow.down_payload],
  ] as const;
  const isForward = isSameEnd(flow.client_ip, flow.client_port, originator);
  const [there, back] = isForward ? [up, down] : [down, up];
  const state = flow.conn_state as string;
  return {
    packets: [there[0], back[0]],
    bytes: [there[1], back[1]],
    payload: [there[2], back[2]],
    state: isForward ? state : (otherWay[`${flow.protocol} ${state}`] ?? state),
  };
};

describe.skipIf(!hasSharedData)('Zeek baselines', () => {
  test.each(cases)('%s: packets, IP bytes, payload, duration and state of every connection', async (name, trace) => {
    const { flows } = await importRows([sharedData(`captures/zeek/traces/${trace}`)]);
    const durations = tsharkDurations(trace);
    const conns = readConns(name);
    const used = new Set<Row>();
    for (const conn of conns) {
      const where = `${conn.proto} ${conn.a} ${conn.b}`;
      const flow = flows.find(
        (row) =>
          !used.has(row) &&
          String(row.protocol).endsWith(conn.proto) &&
          [
            [conn.a, conn.b],
            [conn.b, conn.a],
          ].some(
            ([client, server]) =>
              isSameEnd(row.client_ip, row.client_port, client!) && isSameEnd(row.server_ip, row.server_port, server!),
          ),
      );
      expect(flow, where).toBeDefined();
      used.add(flow!);
      const { packets, bytes, payload = conn.proto === 'icmp' ? [null, null] : expect.anything(), state } = conn;
      expect(seenFrom(flow!, conn.a), where).toEqual({ packets, bytes, payload, state });
      expect(flow!.tunnel !== '', where).toBe(conn.isInTunnel);
      const hasClosed = conn.proto === 'tcp' && state === 'SF';
      const duration = hasClosed ? durations.get(keyOfTruth(conn))!.toFixed(6) : conn.duration;
      if (duration === undefined) continue;
      expect((((flow!.ended_at as number) - (flow!.started_at as number)) / 1e6).toFixed(6), where).toBe(duration);
    }
    expect(used.size).toBe(conns.length);
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
