/** What mobile sessions change in the tickets: whose names are whose, and who is counted. */
import { describe, expect, test } from 'vitest';
import { between, end } from '../../test/recording-probe.ts';
import { type Row, rowsOf, testOptions } from '../../test/rows.ts';
import { osSet } from '../enrich/os/os-set.ts';
import type { Handset, TacTable } from '../enrich/os/tac-table.ts';
import { SessionColumns } from '../imports/session-columns.ts';
import { parseAddress } from '../packet/address.ts';
import { LinkType } from '../packet/frame-sink.ts';
import { TcpFlag } from '../packet/layers.ts';
import { nobody } from '../packet/subscriber.ts';
import { clientPseudonym } from '../privacy/client-pseudonym.ts';
import { toDnsMessage } from '../synth/dns-message.ts';
import type { Frame } from '../synth/frame.ts';
import { controlFrame, type GtpSession, tunnelFrame } from '../synth/gtp.ts';
import { createPdpRequest, createPdpResponse, deletePdpRequest, deletePdpResponse } from '../synth/gtp-v1.ts';
import { accountingRequest } from '../synth/radius-accounting.ts';
import { LabelledTickets, type LabelOptions } from './labelled-tickets.ts';

const SECOND = 1e6;
const M = Date.UTC(2014, 1, 22, 18) * 1000;
const NAME = 'e7.whatsapp.net';
const SERVER = '184.173.179.37';
const RESOLVER = '198.51.100.53';
const pseudonymOf = clientPseudonym(testOptions.key);

const anna: GtpSession = {
  imsi: '232010000000001',
  msisdn: '436600000001',
  imei: '35693803000001',
  apn: 'internet',
  bearer: 5,
  ipv4: '10.1.0.1',
  accessNode: '192.0.2.1',
  networkNode: '192.0.2.9',
  upTeid: 0x1000,
  downTeid: 0x2000,
  upControlTeid: 0x5000,
  downControlTeid: 0x6000,
};
const bert = { ...anna, imsi: '232010000000002', msisdn: '436600000002', imei: '35693803000002' };
const ANNA = pseudonymOf(`imsi:${anna.imsi}`);
const BERT = pseudonymOf(`imsi:${bert.imsi}`);

const create = (session: GtpSession, at: number): Frame[] => [
  controlFrame(session, at, 'up', createPdpRequest(at % 65_536, session)),
  controlFrame(session, at + 1, 'down', createPdpResponse(at % 65_536, session)),
];
const remove = (session: GtpSession, at: number): Frame[] => [
  controlFrame(session, at, 'up', deletePdpRequest(at % 65_536, session)),
  controlFrame(session, at + 1, 'down', deletePdpResponse(at % 65_536, session)),
];

let nextPort = 20_000;
/** Question and answer, then a packet to the server, which the answer names. */
const ask = (client: string, at: number): Frame[] => {
  const path = between(end(client, nextPort++), end(RESOLVER, 53));
  const query = { id: 1, name: NAME, type: 'A' } as const;
  const answers = [{ name: NAME, type: 'A' as const, data: SERVER, ttlS: 3600 }];
  return [
    path.udp(at, 'up', toDnsMessage(query)),
    path.udp(at + 1, 'down', toDnsMessage({ ...query, response: { rcode: 'NOERROR', answers } })),
  ];
};
const visit = (client: string, at: number): Frame =>
  between(end(client, nextPort++), end(SERVER, 9)).udp(at, 'up', new Uint8Array(1));
const inTunnel = (session: GtpSession, frames: readonly Frame[]): Frame[] =>
  frames.map((frame, i) => tunnelFrame(session, i % 2 === 0 ? 'up' : 'down', frame));

const ticketsOf = (frames: readonly Frame[], options: Partial<LabelOptions> = {}): Record<string, Row[]> => {
  const tickets = new LabelledTickets({ ...testOptions, ...options });
  for (const { at, bytes, length } of frames) {
    tickets.probe.frame(bytes, 0, bytes.length, length, at, LinkType.ETHERNET);
    tickets.tidy();
  }
  tickets.finish();
  const tables: Record<string, Row[]> = {};
  for (const batch of tickets.sealed) {
    tables[batch.table] ??= [];
    tables[batch.table]!.push(...rowsOf(batch));
  }
  return tables;
};

/** Visits in the order of time: who, and under which name. */
const visitsOf = ({ flows }: Record<string, Row[]>): string[] =>
  flows!
    .filter(({ server_ip, server_port }) => server_ip === SERVER && server_port === 9)
    .sort((a, b) => (a.started_at as number) - (b.started_at as number))
    .map(({ client, fqdn }) => `${client} ${fqdn}`);

describe('names', () => {
  test('are those of the subscriber who asked, not of the next one at the address', () => {
    const frames = [
      create(anna, M),
      ask(anna.ipv4!, M + SECOND),
      visit(anna.ipv4!, M + 2 * SECOND),
      create(bert, M + 3 * SECOND),
      visit(anna.ipv4!, M + 4 * SECOND),
      ask(anna.ipv4!, M + 5 * SECOND),
      visit(anna.ipv4!, M + 6 * SECOND),
    ].flat();
    const expected = [`${ANNA} ${NAME}`, `${BERT} `, `${BERT} ${NAME}`];
    expect(visitsOf(ticketsOf(frames))).toEqual(expected);
    // With every name and address that nothing holds given up after each packet.
    expect(visitsOf(ticketsOf(frames, { epochSize: 1 }))).toEqual(expected);
  });

  test('do not pass to somebody unknown either, once the session is over', () => {
    const frames = [
      create(anna, M),
      ask(anna.ipv4!, M + SECOND),
      remove(anna, M + 2 * SECOND),
      visit(anna.ipv4!, M + 3 * SECOND),
    ].flat();
    expect(visitsOf(ticketsOf(frames))).toEqual(['10.1.0.1 ']);
  });

  test('stay with a subscriber who comes back to the same address', () => {
    const frames = [
      create(anna, M),
      ask(anna.ipv4!, M + SECOND),
      remove(anna, M + 2 * SECOND),
      create(anna, M + 3 * SECOND),
      visit(anna.ipv4!, M + 4 * SECOND),
    ].flat();
    expect(visitsOf(ticketsOf(frames))).toEqual([`${ANNA} ${NAME}`]);
  });

  test('of a session that accounting tells of halfway are those since its beginning', () => {
    const interim = (sessionS: number) =>
      between(end('192.0.2.30', 5000), end('192.0.2.31', 1813)).udp(
        M + 100 * SECOND,
        'up',
        accountingRequest('interim', 1, {
          sessionId: 'A',
          nas: '192.0.2.30',
          imsi: anna.imsi,
          ipv4: anna.ipv4!,
          sessionS,
        }),
      );
    const visits = (sessionS: number) =>
      visitsOf(ticketsOf([...ask(anna.ipv4!, M), interim(sessionS), visit(anna.ipv4!, M + 101 * SECOND)]));
    expect(visits(200)).toEqual([`${ANNA} ${NAME}`]);
    expect(visits(50)).toEqual([`${ANNA} `]);
  });
});

test('a question is of the subscriber, in and out of the tunnel', () => {
  const { dns } = ticketsOf([
    ...create(anna, M),
    ...ask(anna.ipv4!, M + SECOND),
    ...inTunnel(anna, ask(anna.ipv4!, M + 2 * SECOND)),
  ]);
  expect(dns!.map(({ client, client_ip }) => [client, client_ip])).toEqual([
    [ANNA, '10.1.0.1'],
    [ANNA, '10.1.0.1'],
  ]);
});

test('a subscriber with two addresses in a minute is one user', () => {
  const moved = { ...anna, ipv4: '10.1.0.2' };
  const { counters } = ticketsOf(
    [
      create(anna, M),
      visit('10.1.0.1', M + SECOND),
      create(moved, M + 2 * SECOND),
      visit('10.1.0.2', M + 3 * SECOND),
    ].flat(),
  );
  const registers = counters!.filter(({ service }) => service === '').flatMap(({ users_hll }) => users_hll as number[]);
  // One for the subscriber, one for the node that sends the control messages.
  expect(new Set(registers).size).toBe(2);
});

test('GTP, RADIUS and a feed give a subscriber the same pseudonym', () => {
  const start = accountingRequest('start', 1, { sessionId: 'A', nas: '192.0.2.30', imsi: anna.imsi, ipv4: anna.ipv4! });
  const radius = between(end('192.0.2.30', 5000), end('192.0.2.31', 1813)).udp(M, 'up', start);
  const feed = new SessionColumns();
  const fed = { ...nobody, from: M, until: Number.POSITIVE_INFINITY, imsi: anna.imsi, ipv4: parseAddress(anna.ipv4!)! };
  feed.add(fed);
  const sources = [
    ticketsOf([...create(anna, M), visit(anna.ipv4!, M + SECOND)]),
    ticketsOf([radius, visit(anna.ipv4!, M + SECOND)]),
    ticketsOf([visit(anna.ipv4!, M + SECOND)], { sessionFeed: feed.finish() }),
  ].map((tables) => tables.flows!.find(({ server_port }) => server_port === 9)!);
  expect(sources.map(({ client, subscriber_source }) => [client, subscriber_source])).toEqual([
    [ANNA, 'gtp'],
    [ANNA, 'radius'],
    [ANNA, 'csv'],
  ]);
});

test('a session of a feed holds from its beginning until its end, to the microsecond', () => {
  const feed = new SessionColumns();
  const add = (imsi: string, from: number, until: number) =>
    feed.add({ ...nobody, imsi, from, until, ipv4: parseAddress('10.1.0.1')! });
  add(bert.imsi, M + 20 * SECOND, Number.POSITIVE_INFINITY);
  add(anna.imsi, M + 5 * SECOND, M + 10 * SECOND);
  const times = [M, M + 5 * SECOND - 1, M + 5 * SECOND, M + 10 * SECOND - 1, M + 10 * SECOND, M + 20 * SECOND];
  const tables = ticketsOf(
    times.map((at) => visit('10.1.0.1', at)),
    { sessionFeed: feed.finish() },
  );
  expect(visitsOf(tables)).toEqual(['10.1.0.1 ', '10.1.0.1 ', `${ANNA} `, `${ANNA} `, '10.1.0.1 ', `${BERT} `]);
  // Its rows are of the feed's own import.
  expect(tables.sessions).toBeUndefined();
});

describe('the system of a client', () => {
  const android = Uint8Array.of(2, 4, 5, 120, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 8);
  const syn = (client: string, at: number): Frame =>
    between(end(client, nextPort++), end(SERVER, 443)).tcp(at, 'up', {
      sequence: 1,
      acknowledgment: 0,
      flags: TcpFlag.SYN,
      window: 65_535,
      options: android,
    });
  const systemsOf = ({ flows }: Record<string, Row[]>): string[] =>
    flows!
      .filter(({ server_ip, server_port }) => server_ip === SERVER && server_port === 9)
      .sort((a, b) => (a.started_at as number) - (b.started_at as number))
      .map(({ client, os, os_source, device }) => [client, os, os_source, device].join(' ').trim());

  test('is the subscriber’s, at whatever address, and not that of the next one there', () => {
    const elsewhere = { ...anna, ipv4: '10.1.0.7', upTeid: 0x1001, downTeid: 0x2001 };
    const frames = [
      create(anna, M),
      syn(anna.ipv4!, M + SECOND),
      remove(anna, M + 2 * SECOND),
      create(bert, M + 3 * SECOND),
      visit(bert.ipv4!, M + 4 * SECOND),
      create(elsewhere, M + 5 * SECOND),
      visit(elsewhere.ipv4, M + 6 * SECOND),
    ].flat();
    const expected = [BERT, `${ANNA} Android syn`];
    expect(systemsOf(ticketsOf(frames))).toEqual(expected);
    expect(systemsOf(ticketsOf(frames, { epochSize: 1 }))).toEqual(expected);
  });

  test('does not pass to somebody unknown either, once the session is over', () => {
    const frames = [
      create({ ...anna, imsi: '' }, M),
      syn(anna.ipv4!, M + SECOND),
      remove(anna, M + 2 * SECOND),
      visit(anna.ipv4!, M + 3 * SECOND),
    ].flat();
    expect(systemsOf(ticketsOf(frames))).toEqual(['10.1.0.1']);
  });

  test('is that of the handset, and another one behind it is tethered', () => {
    const handset: Handset = { systems: osSet('iOS'), device: 'Apple iPhone 5' };
    const handsets: TacTable = { sha256: '', handset: (tac) => (tac === '35693803' ? handset : undefined) };
    const frames = [
      create(anna, M),
      visit(anna.ipv4!, M + SECOND),
      syn(anna.ipv4!, M + 400 * SECOND),
      visit(anna.ipv4!, M + 401 * SECOND),
    ].flat();
    const tables = ticketsOf(frames, { handsets });
    expect(systemsOf(tables)).toEqual([`${ANNA} iOS tac Apple iPhone 5`, `${ANNA} unknown`]);
    const tethered = tables.flows!.find(({ server_port }) => server_port === 443);
    expect(tethered).toMatchObject({ client: ANNA, os: 'Android', os_source: 'syn', device: '' });
  });
});

describe('without raw addresses', () => {
  test('nothing tells identity or address, and the block of a subscriber is that of his pseudonyms', () => {
    const dual = { ...anna, ipv6: '2001:db8:1:2::1' };
    const v6 = between(end('2001:db8:1:2:aaaa::1', 5000), end('2001:db8:ffff::1', 9)).udp(
      M + SECOND,
      'up',
      new Uint8Array(1),
    );
    const tables = ticketsOf([...create(dual, M), visit(anna.ipv4!, M + SECOND), tunnelFrame(dual, 'up', v6)], {
      keepAddresses: false,
    });
    const [session] = tables.sessions!;
    expect(session).toMatchObject({ client: ANNA, imsi: ANNA, tac: '35693803' });
    for (const text of [anna.imsi, anna.msisdn!, anna.imei!, anna.ipv4!, anna.accessNode, '2001:db8:1:2']) {
      expect(JSON.stringify(tables)).not.toContain(text);
    }
    const flow = tables.flows!.find(({ client_ip }) => (client_ip as string).includes(':'))!;
    const block = (session!.client_prefix as string).replace(/::\/64$/, ':');
    expect((flow.client_ip as string).startsWith(block)).toBe(true);
    expect(flow.gtp_peer).toBe(session!.gtp_peer);
  });
});
