import { describe, expect, test } from 'vitest';
import { endKey, nodeOf, type Session, teidOf } from './session.ts';
import { newState, type SessionEnd, type SessionFacts, type SessionState } from './session-state.ts';
import { SessionTable } from './session-table.ts';

const NOBODY = { ipv4: -1, ipv6: -1 };

const setUp = (maxSessions = 100) => {
  const told: [client: string, endedAt: number, reason: SessionEnd][] = [];
  const table = new SessionTable(maxSessions, ({ identity }, endedAt, reason) =>
    told.push([identity, endedAt, reason]),
  );
  const state = (imsi: string, facts: SessionFacts = {}): SessionState => newState('gtp', 0, 0, { imsi, ...facts });
  const open = (imsi: string, at: number, address = -1, facts: SessionFacts = {}): Session => {
    const session = table.open(imsi, state(imsi, facts), at);
    table.setAddresses(session, { ...NOBODY, ipv4: address }, at, at);
    return session;
  };
  return { table, told, open };
};

test('node and TEID of an end make one number, whatever the sign of the TEID', () => {
  for (const [node, teid] of [
    [0, 0],
    [1, 1],
    [2 ** 20, 0xffffffff],
  ] as const) {
    const key = endKey(node, teid);
    expect([nodeOf(key), teidOf(key)]).toEqual([node, teid]);
    expect(endKey(node, teid | 0)).toBe(key);
  }
  expect([nodeOf(undefined), teidOf(undefined)]).toEqual([-1, Number.NaN]);
});

describe('an end of a tunnel', () => {
  test('that another session was given since stays the other one', () => {
    const { table, open } = setUp();
    const [anna, bert] = [open('1', 10), open('2', 20)];
    table.bind(anna, { up: [5], down: [6] });
    table.bind(bert, { up: [5], down: [] });
    table.unbind(anna, { up: [5], down: [6] });
    expect(table.byEnd('up', 5)).toBe(bert);
    expect(table.byEnd('down', 6)).toBeUndefined();
  });

  test('goes with its session, and with its tunnel', () => {
    const { table, told, open } = setUp();
    const anna = open('1', 10, 7);
    const tunnel = (key: number) => ({
      session: anna,
      access: [key],
      network: [key + 1],
      bearers: [{ id: 5, up: [key + 2], down: [key + 3] }],
    });
    const [first, second] = [tunnel(100), tunnel(200)];
    table.addTunnel(first, 11);
    table.addTunnel(second, 12);
    expect(table.byControlEnd(100, undefined)).toBe(first);
    table.removeTunnel(first, 13, 'deleted');
    expect([table.byEnd('up', 102), table.byEnd('up', 202)]).toEqual([undefined, anna]);
    table.removeTunnel(second, 14, 'deleted');
    expect(table.byControlEnd(200, undefined)).toBeUndefined();
    expect(table.byEnd('up', 202)).toBeUndefined();
    expect(told).toEqual([['imsi:1', 14, 'deleted']]);
    expect(table.size).toBe(0);
  });

  test('for control messages may be shared by the sessions of one subscriber: the bearer tells', () => {
    const { table, open } = setUp();
    const tunnelOf = (session: Session, bearer: number) => ({
      session,
      access: [100],
      network: [200],
      bearers: [{ id: bearer, up: [], down: [] }],
    });
    const [one, other] = [open('1', 10), table.open('second', newState('gtp', 0, 0, { imsi: '1' }), 10)];
    table.addTunnel(tunnelOf(one, 5), 10);
    table.addTunnel(tunnelOf(other, 6), 10);
    expect(table.byControlEnd(100, 6)?.session).toBe(other);
    expect(table.byControlEnd(100, undefined)).toBeUndefined();
    table.addTunnel(tunnelOf(open('2', 20), 5), 20);
    expect(table.byControlEnd(100, 5)?.session.state.imsi).toBe('2');
    expect([one.stands, other.stands]).toEqual([false, false]);
  });
});

describe('an address', () => {
  test('is held since its session began, and free since it ended', () => {
    const { table, open } = setUp();
    expect(table.addresses.heldSince(7)).toBe(Number.NEGATIVE_INFINITY);
    const anna = open('1', 10, 7);
    expect(table.addresses.heldSince(7)).toBe(10);
    table.end(anna, 20, 'deleted');
    expect([table.addresses.heldSince(7), table.addresses.sessionAt(7)]).toEqual([20, undefined]);
  });

  test('is held since the first of several sessions of one subscriber', () => {
    const { table, open } = setUp();
    table.end(open('1', 10, 7), 20, 'deleted');
    open('1', 30, 7);
    expect(table.addresses.heldSince(7)).toBe(10);
    open('2', 40, 7);
    expect(table.addresses.heldSince(7)).toBe(40);
  });

  test('that a session changes for another one is free', () => {
    const { table, open } = setUp();
    const anna = open('1', 10, 7);
    table.setAddresses(anna, { ...NOBODY, ipv4: 8 }, 20, 20);
    expect([table.addresses.sessionAt(7), table.addresses.sessionAt(8)]).toEqual([undefined, anna]);
  });
});

test('beyond the bound the session opened first goes', () => {
  const { table, told, open } = setUp(2);
  for (let i = 1; i <= 4; i++) open(String(i), i, i);
  expect(told).toEqual([
    ['imsi:1', 3, 'evicted'],
    ['imsi:2', 4, 'evicted'],
  ]);
  expect([1, 2, 3, 4].map((address) => table.addresses.sessionAt(address)?.state.imsi)).toEqual([
    undefined,
    undefined,
    '3',
    '4',
  ]);
});

test('holders of addresses that nobody has any more do not pile up', () => {
  const { table, open } = setUp();
  for (let i = 0; i < 70_000; i++) table.end(open('1', i, i), i, 'deleted');
  expect(table.checkpoint().holders.size).toBeLessThan(66_000);
});

test('what an update adds is no new state; what it changes is', () => {
  const { table, told, open } = setUp();
  const anna = open('1', 10);
  table.amend(anna, { rat: 'UTRAN', apn: '' }, 20);
  expect([anna.state.startedAt, told]).toEqual([0, []]);
  table.amend(anna, { rat: 'GERAN' }, 30);
  expect(anna.state).toMatchObject({ startedAt: 30, openedAt: 0, rat: 'GERAN' });
  expect(told).toEqual([['imsi:1', 30, 'updated']]);
});
