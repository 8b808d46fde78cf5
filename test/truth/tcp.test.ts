/** TCP as tshark and Zeek read it: payload, retransmissions, reordering, keep-alives, zero windows and handshake times of every connection. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasProgram, hasSharedData } from '../needs.ts';
import { importRows, type Row } from '../rows.ts';
import { byKey, keyOfTruth, type TruthFlow, truthCaptures } from './truth-files.ts';
import { type TcpClass, tcpClasses, tsharkTcp } from './tshark-tcp.ts';

const groups = ['ndpi', 'arkime', 'ipfixprobe', 'wireshark', 'quic-retina', 'dnscap', 'zeek'];
/** The truth writes times as seconds with six decimals: each of the three may be off by half a microsecond. */
const ROUNDING_US = 2;

/** What is known to differ, and why: capture, flow, column, cause. */
const listed = readFileSync(new URL('tcp-differences.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t').slice(0, 3).join('\t'));

/** Sums of a class over flows of one pair of ends: from the lexically first end, and back. */
const sumOf = (flows: readonly Row[], name: TcpClass): [number, number] => {
  const sum: [number, number] = [0, 0];
  for (const flow of flows) {
    const isForward = `${flow.client_ip}#${flow.client_port}` <= `${flow.server_ip}#${flow.server_port}`;
    sum[isForward ? 0 : 1] += flow[`up_${name}`] as number;
    sum[isForward ? 1 : 0] += flow[`down_${name}`] as number;
  }
  return sum;
};

interface Tally {
  pairs: number;
  equal: number;
  /** Pairs of ends of which either side tells more than 0. */
  affected: number;
}

const rttColumns = ['server_rtt_us', 'server_rtt_us + client_rtt_us'] as const;

describe.skipIf(!hasSharedData || !hasProgram('tshark'))('connections', () => {
  const tallies = new Map<string, Tally>();
  const differing: string[] = [];
  const note = (where: string, column: string, isEqual: boolean, isAffected: boolean): void => {
    const tally = tallies.get(column) ?? { pairs: 0, equal: 0, affected: 0 };
    tallies.set(column, tally);
    tally.pairs++;
    if (isEqual) tally.equal++;
    else differing.push(`${where}\t${column}`);
    if (isAffected) tally.affected++;
  };

  const compareHandshake = (where: string, truth: TruthFlow, flow: Row | undefined): void => {
    const server = flow?.server_rtt_us as number | null | undefined;
    const client = flow?.client_rtt_us as number | null | undefined;
    const both = server == null || client == null ? null : server + client;
    // Without a SYN/ACK the whole round trip is known and its parts are not.
    const whole = truth.syn_rtt === undefined ? undefined : truth.irtt;
    for (const [column, us, seconds] of [
      [rttColumns[0], server, truth.syn_rtt],
      [rttColumns[1], both, whole],
    ] as const) {
      const isEqual = seconds === undefined ? us == null : us != null && Math.abs(us - seconds * 1e6) <= ROUNDING_US;
      note(where, column, isEqual, seconds !== undefined);
    }
  };

  beforeAll(async () => {
    for (const { name, path, flows } of groups.flatMap(truthCaptures)) {
      const connections = flows.filter(({ proto }) => proto === 'tcp');
      if (connections.length === 0) continue;
      const ours = byKey((await importRows([path])).flows);
      for (const [key, counts] of tsharkTcp(path)) {
        for (const column of tcpClasses) {
          const sum = sumOf(ours.get(key) ?? [], column);
          const isAffected = Math.max(...sum, ...counts[column]) > 0;
          note(`${name}\t${key}`, column, String(sum) === String(counts[column]), isAffected);
        }
      }
      for (const truth of connections) {
        const key = keyOfTruth(truth);
        const startedAt = truth.first * 1e6;
        const flow = ours.get(key)?.find(({ started_at }) => Math.abs((started_at as number) - startedAt) < 1000);
        compareHandshake(`${name}\t${key}`, truth, flow);
      }
    }
  }, 300_000);

  test('what differs is listed, by its cause', () => {
    expect([...new Set(differing)].sort()).toEqual(listed.toSorted());
  });

  test.each([
    ['payload', 400],
    ['retransmits', 50],
    ['reordered', 5],
    ['keepalives', 4],
  ])('%s: at least 98 in 100 pairs of ends agree, of which %i have any', (column, affected) => {
    const tally = tallies.get(column)!;
    expect(tally.equal / tally.pairs).toBeGreaterThanOrEqual(0.98);
    expect(tally.affected).toBeGreaterThanOrEqual(affected);
  });

  test.each(rttColumns)('%s is that of tshark to 2 us, for at least 99 in 100 connections', (column) => {
    const tally = tallies.get(column)!;
    expect(tally.equal / tally.pairs).toBeGreaterThanOrEqual(0.99);
    expect(tally.affected).toBeGreaterThan(200);
  });
});
