import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressTable } from '../packet/address-table.ts';
import { addressBytes, type GtpSession } from '../synth/gtp.ts';
import * as v1 from '../synth/gtp-v1.ts';
import * as v2 from '../synth/gtp-v2.ts';
import { GtpSessions } from './gtp-sessions.ts';
import type { SessionEnd } from './session-state.ts';
import { SessionTable } from './session-table.ts';

const MINUTE = 60e6;

const setUp = (maxSessions = 1000) => {
  const told: SessionEnd[] = [];
  const nodes = new AddressTable();
  const table = new SessionTable(maxSessions, (_state, _endedAt, reason) => told.push(reason));
  const gtp = new GtpSessions(table, new AddressTable(), nodes);
  const id = (address: string): number => nodes.of(addressBytes(address));
  const read = (from: string, to: string, message: Uint8Array, at: number): void =>
    gtp.read(message, 0, message.length, id(from), id(to), 2123, 2123, at);
  return { told, table, gtp, read };
};

const sessionOf = (i: number, node: number): GtpSession => ({
  imsi: `23201000000000${i}`,
  msisdn: `43660000000${i}`,
  imei: `3569380300000${i}`,
  apn: i % 2 === 0 ? 'internet' : 'mms',
  rat: 1 + (node % 2),
  bearer: 5 + (i % 2),
  ipv4: `10.1.0.${i % 3}`,
  ipv6: `2001:db8:1:${i % 2}::1`,
  accessNode: `192.0.2.${1 + node}`,
  networkNode: '192.0.2.100',
  upTeid: 0x1000 + (i % 4),
  downTeid: 0x2000 + node * 16 + i,
  upControlTeid: 0x5000 + (i % 4),
  downControlTeid: 0x6000 + node * 16 + i,
});

const dedicated = { bearer: 7, upTeid: 0x7001, downTeid: 0x7002 };

/** Messages from the access node, and from the network. */
const upward = [
  v1.createPdpRequest,
  v1.updatePdpRequest,
  v1.deletePdpRequest,
  v2.createSessionRequest,
  v2.modifyBearerRequest,
  v2.deleteSessionRequest,
  (sequence: number, session: GtpSession) => v2.createBearerResponse(sequence, session, dedicated),
  v2.deleteBearerResponse,
] as const;
const downward = [
  v1.createPdpResponse,
  v1.updatePdpResponse,
  v1.deletePdpResponse,
  v2.createSessionResponse,
  v2.modifyBearerResponse,
  v2.deleteSessionResponse,
  (sequence: number, session: GtpSession) => v2.createBearerRequest(sequence, session, dedicated.upTeid),
  (sequence: number, session: GtpSession) => v2.deleteBearerRequest(sequence, session, 7),
] as const;

const step = fc.record({
  isUp: fc.boolean(),
  kind: fc.nat(7),
  session: fc.nat(5),
  node: fc.nat(2),
  sequence: fc.nat(3),
  /** The other half of the transaction follows at once. */
  isAnswered: fc.boolean(),
  waitUs: fc.constantFrom(1000, 5e6, 2 * MINUTE),
  damage: fc.option(fc.record({ at: fc.nat(200), byte: fc.nat(255) }), { freq: 9, nil: undefined }),
});

describe('messages in any order, with losses, repeats and damage', () => {
  test('leave nothing behind when all that stands has ended', () => {
    let mostSessions = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), fc.constantFrom(1, 3, 1000), (steps, maxSessions) => {
        const { table, gtp, read, told } = setUp(maxSessions);
        let at = 0;
        for (const { isUp, kind, session: i, node, sequence, isAnswered, waitUs, damage } of steps) {
          at += waitUs;
          gtp.expire(at);
          const session = sessionOf(i, node);
          const message = (isUp ? upward : downward)[kind]!(sequence, session);
          if (damage !== undefined) message[damage.at % message.length] = damage.byte;
          const ends = [session.accessNode, session.networkNode] as const;
          read(ends[isUp ? 0 : 1], ends[isUp ? 1 : 0], message, at);
          if (isAnswered) {
            const answer = (isUp ? downward : upward)[kind]!(sequence, session);
            read(ends[isUp ? 1 : 0], ends[isUp ? 0 : 1], answer, at + 1);
          }
          expect(table.size).toBeLessThanOrEqual(maxSessions);
          mostSessions = Math.max(mostSessions, table.size);
        }
        const { sessions, holders } = table.checkpoint();
        for (const { state, stands } of sessions) {
          expect(stands).toBe(true);
          expect(state.startedAt).toBeGreaterThanOrEqual(state.openedAt);
        }
        for (const [address, holder] of holders) {
          for (const { state, stands } of holder.sessions) {
            expect([stands, [state.ipv4, state.ipv6].includes(address)]).toEqual([true, true]);
          }
        }
        gtp.expire(at + 2 * MINUTE);
        table.finish();
        const { upEnds, downEnds, controlEnds, byKey } = table.checkpoint();
        expect([table.size, upEnds.size, downEnds.size, controlEnds.size, byKey.size]).toEqual([0, 0, 0, 0, 0]);
        for (const { sessions } of holders.values()) expect(sessions).toEqual([]);
        expect(gtp.checkpoint().size).toBe(0);
        expect(told.filter((reason) => reason === 'eof').length).toBeLessThanOrEqual(maxSessions);
      }),
      { seed: 20_140_222, numRuns: 500 },
    );
    expect(mostSessions).toBeGreaterThan(2);
  });
});

test('one subscriber cannot pile up tunnels', () => {
  const { table, read } = setUp();
  for (let i = 0; i < 5000; i++) {
    const node = `10.${i >> 8}.${i & 255}.1`;
    const session = { ...sessionOf(1, 0), accessNode: node, downControlTeid: i, upControlTeid: i };
    read(node, session.networkNode, v1.createPdpRequest(1, session), i * 1000);
    read(session.networkNode, node, v1.createPdpResponse(1, session), i * 1000 + 1);
  }
  const { sessions, controlEnds } = table.checkpoint();
  expect(table.size).toBe(1);
  expect([...sessions][0]!.tunnels.length).toBeLessThanOrEqual(8);
  expect(controlEnds.size).toBeLessThanOrEqual(16);
});
