import { describe, expect, test } from 'vitest';
import { between, end, RecordingProbe } from '../../test/recording-probe.ts';
import { TcpFlag } from '../packet/layers.ts';
import type { Direction, Frame } from '../synth/frame.ts';
import { controlFrame, errorIndication, type GtpSession, tunnelFrame } from '../synth/gtp.ts';
import * as v1 from '../synth/gtp-v1.ts';
import * as v2 from '../synth/gtp-v2.ts';
import { accountingRequest, type PlantedAccounting } from '../synth/radius-accounting.ts';

const SECOND = 1e6;
const T = Date.UTC(2014, 1, 22, 18) * 1000 + SECOND / 2;

const anna: GtpSession = {
  imsi: '232010000000001',
  msisdn: '436600000001',
  imei: '35693803000001',
  apn: 'internet',
  rat: 1,
  location: Uint8Array.of(0, 0x32, 0xf2, 0x10, 0x04, 0xd2, 0x16, 0x2e),
  bearer: 5,
  ipv4: '10.1.0.1',
  accessNode: '192.0.2.1',
  networkNode: '192.0.2.9',
  upTeid: 0x1000,
  downTeid: 0xf0002000,
  upControlTeid: 0x5000,
  downControlTeid: 0x6000,
};

/** Another subscriber on the same nodes. */
const bert: GtpSession = {
  ...anna,
  imsi: '232010000000002',
  msisdn: '436600000002',
  imei: '35693803000002',
  ipv4: '10.1.0.2',
  upTeid: 0x1001,
  downTeid: 0x2001,
  upControlTeid: 0x5001,
  downControlTeid: 0x6001,
};

const up = (session: GtpSession, at: number, message: Uint8Array): Frame => controlFrame(session, at, 'up', message);
const down = (session: GtpSession, at: number, message: Uint8Array): Frame =>
  controlFrame(session, at, 'down', message);

/** A request and its response, 1 ms later. */
const createV1 = (session: GtpSession, at: number, sequence = 1): Frame[] => [
  up(session, at, v1.createPdpRequest(sequence, session)),
  down(session, at + 1000, v1.createPdpResponse(sequence, session)),
];
const updateV1 = (session: GtpSession, at: number, sequence = 2, cause = 128): Frame[] => [
  up(session, at, v1.updatePdpRequest(sequence, session)),
  down(session, at + 1000, v1.updatePdpResponse(sequence, session, cause)),
];
const deleteV1 = (session: GtpSession, at: number, sequence = 3): Frame[] => [
  up(session, at, v1.deletePdpRequest(sequence, session)),
  down(session, at + 1000, v1.deletePdpResponse(sequence, session)),
];
const createV2 = (session: GtpSession, at: number, sequence = 1): Frame[] => [
  up(session, at, v2.createSessionRequest(sequence, session)),
  down(session, at + 1000, v2.createSessionResponse(sequence, session)),
];

let nextPort = 30_000;
/** A packet without its tunnel: the first of a flow of its own. */
const plain = (address: string, at: number, direction: Direction = 'up', port = nextPort++): Frame =>
  between(end(address, port), end('198.51.100.7', 7)).udp(at, direction, new Uint8Array(1));
/** The same in the tunnel of a session. */
const user = (session: GtpSession, at: number, direction: Direction = 'up', address = session.ipv4!): Frame =>
  tunnelFrame(session, direction, plain(address, at, direction));

const play = (...frames: (Frame | Frame[])[]): RecordingProbe => new RecordingProbe().play(...frames.flat()).finish();

/** What flows of users say of the mobile side, in the order in which they began. */
const mobileOf = (probe: RecordingProbe) =>
  probe.flows
    .filter(({ server_port }) => server_port === 7)
    .sort((a, b) => (a.started_at as number) - (b.started_at as number))
    .map(({ client, subscriber_source, up_teid, down_teid, gtp_peer }) => ({
      client,
      subscriber_source,
      up_teid,
      down_teid,
      gtp_peer,
    }));
const clientsOf = (probe: RecordingProbe) => mobileOf(probe).map(({ client }) => client);

const rowsOf = (probe: RecordingProbe, ...columns: string[]) =>
  probe.sessions.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])));

const ANNA = 'imsi:232010000000001';
const BERT = 'imsi:232010000000002';

describe('a PDP context', () => {
  test('gives its packets subscriber, place, and tunnel both ways', () => {
    const probe = new RecordingProbe().play(...createV1(anna, T));
    const request = plain(anna.ipv4!, T + SECOND, 'up', 40_000);
    const answer = plain(anna.ipv4!, T + SECOND + 500, 'down', 40_000);
    probe.play(tunnelFrame(anna, 'up', request), tunnelFrame(anna, 'down', answer)).finish();
    expect(probe.flows.find(({ server_port }) => server_port === 7)).toMatchObject({
      client: ANNA,
      client_ip: '10.1.0.1',
      subscriber_source: 'gtp',
      tunnel: 'gtp',
      up_packets: 1,
      down_packets: 1,
      up_teid: 0x1000,
      down_teid: 0xf0002000,
      gtp_peer: '192.0.2.1',
      rat: 'UTRAN',
      cell: 'cgi 232-01-1234-5678',
      apn: 'internet',
      plmn: '232-01',
    });
    expect(probe.probe.sessions.unknown).toBe(0);
  });

  test('is a row that tells all of it', () => {
    expect(play(createV1(anna, T), deleteV1(anna, T + 60 * SECOND)).sessions).toEqual([
      {
        source: '',
        vantage: '',
        reported_at: T + 60 * SECOND + 1000,
        started_at: T + 1000,
        ended_at: T + 60 * SECOND + 1000,
        opened_at: T + 1000,
        kind: 'gtp',
        end_reason: 'deleted',
        client: ANNA,
        client_ip: '10.1.0.1',
        client_prefix: '',
        imsi: ANNA,
        msisdn: 'msisdn:436600000001',
        imei: 'imei:35693803000001',
        tac: '35693803',
        apn: 'internet',
        rat: 'UTRAN',
        cell: 'cgi 232-01-1234-5678',
        plmn: '232-01',
        up_teid: 0x1000,
        down_teid: 0xf0002000,
        up_control_teid: 0x5000,
        down_control_teid: 0x6000,
        gtp_peer: '192.0.2.1',
        gtp_gateway: '192.0.2.9',
      },
    ]);
  });

  test('that stands at the end of the input has no end', () => {
    expect(rowsOf(play(createV1(anna, T)), 'ended_at', 'end_reason')).toEqual([{ ended_at: null, end_reason: 'eof' }]);
  });

  test('leads from the user address where there is no tunnel, until it is deleted', () => {
    const probe = play(
      plain('10.1.0.1', T - 1),
      createV1(anna, T),
      plain('10.1.0.1', T + SECOND),
      deleteV1(anna, T + 2 * SECOND),
      plain('10.1.0.1', T + 3 * SECOND),
    );
    expect(clientsOf(probe)).toEqual(['10.1.0.1', ANNA, '10.1.0.1']);
    expect(mobileOf(probe)[1]).toMatchObject({ subscriber_source: 'gtp', up_teid: null, gtp_peer: '' });
  });

  test('of IPv6 leads from every address of its /64', () => {
    const dual = { ...anna, ipv6: '2001:db8:1:2::1' };
    const ipv6 = (address: string, at: number) =>
      between(end(address, nextPort++), end('2001:db8:ffff::7', 7)).udp(at, 'up', new Uint8Array(1));
    for (const create of [createV1, createV2]) {
      const probe = play(
        create(dual, T),
        ipv6('2001:db8:1:2:aaaa::1', T + SECOND),
        ipv6('2001:db8:1:3::1', T + 2 * SECOND),
        plain('10.1.0.1', T + 3 * SECOND),
      );
      expect(clientsOf(probe)).toEqual([ANNA, '2001:db8:1:3::1', ANNA]);
      expect(rowsOf(probe, 'client_ip', 'client_prefix')).toEqual([
        { client_ip: '10.1.0.1', client_prefix: '2001:db8:1:2::/64' },
      ]);
    }
  });

  test('that is rejected is none', () => {
    const probe = play(
      up(anna, T, v1.createPdpRequest(1, anna)),
      down(anna, T + 1000, v1.createPdpResponse(1, anna, 199)),
      user(anna, T + SECOND),
      user(anna, T + SECOND + 1, 'down'),
    );
    expect(clientsOf(probe)).toEqual(['10.1.0.1', '10.1.0.1']);
    expect(probe.sessions).toEqual([]);
    expect(probe.probe.sessions.unknown).toBe(2);
  });

  test('is the same if request and response are repeated', () => {
    const request = v1.createPdpRequest(1, anna);
    const response = v1.createPdpResponse(1, anna);
    const probe = play(
      up(anna, T, request),
      up(anna, T + 5 * SECOND, request),
      down(anna, T + 5 * SECOND + 1000, response),
      down(anna, T + 5 * SECOND + 2000, response),
      user(anna, T + 6 * SECOND),
    );
    expect(clientsOf(probe)).toEqual([ANNA]);
    expect(rowsOf(probe, 'started_at', 'end_reason')).toEqual([
      { started_at: T + 5 * SECOND + 1000, end_reason: 'eof' },
    ]);
  });

  test('is known to packets that overtake the response, by the end that the request gave', () => {
    const probe = play(
      up(anna, T, v1.createPdpRequest(1, anna)),
      user(anna, T + 500, 'down'),
      user(anna, T + 600, 'up'),
      down(anna, T + 1000, v1.createPdpResponse(1, anna)),
      user(anna, T + 2000, 'up'),
    );
    expect(clientsOf(probe)).toEqual([ANNA, '10.1.0.1', ANNA]);
    expect(probe.probe.sessions.unknown).toBe(1);
  });

  test('whose response was lost is known by the packets that use it', () => {
    const probe = play(
      up(anna, T, v1.createPdpRequest(1, anna)),
      user(anna, T + SECOND, 'down'),
      plain('10.9.9.9', T + 70 * SECOND),
      user(anna, T + 71 * SECOND, 'down'),
      user(anna, T + 72 * SECOND, 'up'),
    );
    expect(clientsOf(probe)).toEqual([ANNA, '10.9.9.9', ANNA, ANNA]);
    expect(rowsOf(probe, 'client', 'client_ip', 'up_teid')).toEqual([
      { client: ANNA, client_ip: '10.1.0.1', up_teid: null },
    ]);
    const unused = play(up(anna, T, v1.createPdpRequest(1, anna)), plain('10.9.9.9', T + 70 * SECOND));
    expect(unused.sessions).toEqual([]);
  });

  test('whose request was lost is nobody we know, and ends the one before at its address', () => {
    const probe = play(
      createV1(anna, T),
      down(bert, T + 9 * SECOND, v1.createPdpResponse(9, { ...bert, ipv4: anna.ipv4! })),
      user({ ...bert, ipv4: anna.ipv4! }, T + 10 * SECOND),
    );
    expect(clientsOf(probe)).toEqual(['10.1.0.1']);
    expect(rowsOf(probe, 'client', 'end_reason')).toEqual([
      { client: ANNA, end_reason: 'replaced' },
      { client: '10.1.0.1', end_reason: 'eof' },
    ]);
    expect(probe.probe.sessions.unknown).toBe(0);
  });

  test('whose delete was lost ends when the subscriber has another one in its place', () => {
    const again = {
      ...anna,
      ipv4: '10.1.0.77',
      upTeid: 0x1077,
      downTeid: 0x2077,
      upControlTeid: 7,
      downControlTeid: 8,
    };
    const probe = play(createV1(anna, T), createV1(again, T + 60 * SECOND), plain('10.1.0.1', T + 61 * SECOND));
    expect(rowsOf(probe, 'client_ip', 'end_reason', 'ended_at')).toEqual([
      { client_ip: '10.1.0.1', end_reason: 'replaced', ended_at: T + 60 * SECOND + 1000 },
      { client_ip: '10.1.0.77', end_reason: 'eof', ended_at: null },
    ]);
    expect(clientsOf(probe)).toEqual(['10.1.0.1']);
  });

  test('nobody speaks of for two days is given up', () => {
    const probe = new RecordingProbe().play(...createV1(anna, T), ...createV1(bert, T));
    // Packet time does not leap by more than a day.
    for (const [hour, address] of [
      [20, '10.1.0.2'],
      [40, '10.9.9.9'],
      [60, '10.9.9.9'],
    ] as const) {
      probe.play(plain(address, T + hour * 3600 * SECOND));
    }
    expect(rowsOf(probe, 'client', 'end_reason', 'ended_at')).toEqual([
      { client: ANNA, end_reason: 'idle', ended_at: T + 1000 },
    ]);
  });
});

describe('an address', () => {
  test('that another subscriber is given is hers no longer', () => {
    const heir = { ...bert, ipv4: anna.ipv4! };
    const probe = play(
      createV1(anna, T),
      user(anna, T + SECOND),
      createV1(heir, T + 9 * SECOND, 7),
      user(heir, T + 10 * SECOND),
      plain(anna.ipv4!, T + 11 * SECOND),
      user(anna, T + 12 * SECOND, 'up', '10.1.0.99'),
    );
    expect(clientsOf(probe)).toEqual([ANNA, BERT, BERT, '10.1.0.99']);
    expect(rowsOf(probe, 'client', 'end_reason', 'ended_at')).toEqual([
      { client: ANNA, end_reason: 'replaced', ended_at: T + 9 * SECOND + 1000 },
      { client: BERT, end_reason: 'eof', ended_at: null },
    ]);
  });

  test('may be used behind two access points at once: the tunnel tells', () => {
    const other = { ...bert, ipv4: anna.ipv4!, apn: 'corporate' };
    const probe = play(
      createV1(anna, T),
      createV1(other, T + SECOND, 7),
      user(anna, T + 2 * SECOND),
      user(other, T + 3 * SECOND),
    );
    expect(clientsOf(probe)).toEqual([ANNA, BERT]);
    expect(rowsOf(probe, 'end_reason')).toEqual([{ end_reason: 'eof' }, { end_reason: 'eof' }]);
  });
});

describe('a handover', () => {
  const moved: GtpSession = {
    ...anna,
    rat: 2,
    location: Uint8Array.of(0, 0x32, 0xf2, 0x10, 0, 1, 0, 2),
    accessNode: '192.0.2.2',
    downTeid: 0x2222,
    downControlTeid: 0x6666,
  };

  test('changes node, tunnel and place at its moment, and keeps the subscriber', () => {
    const probe = play(
      createV1(anna, T),
      user(anna, T + SECOND, 'down'),
      updateV1(moved, T + 9 * SECOND),
      user(moved, T + 10 * SECOND, 'down'),
      user(moved, T + 11 * SECOND, 'up'),
      user({ ...anna, ipv4: '10.1.0.99' }, T + 12 * SECOND, 'down'),
      deleteV1(moved, T + 20 * SECOND),
    );
    expect(mobileOf(probe)).toMatchObject([
      { client: ANNA, down_teid: 0xf0002000, gtp_peer: '192.0.2.1' },
      { client: ANNA, down_teid: 0x2222, gtp_peer: '192.0.2.2' },
      { client: ANNA, up_teid: 0x1000, gtp_peer: '192.0.2.2' },
      { client: '10.1.0.99' },
    ]);
    const columns = ['started_at', 'ended_at', 'opened_at', 'end_reason', 'rat', 'cell', 'down_teid', 'gtp_peer'];
    expect(rowsOf(probe, ...columns)).toEqual([
      {
        started_at: T + 1000,
        ended_at: T + 9 * SECOND + 1000,
        opened_at: T + 1000,
        end_reason: 'updated',
        rat: 'UTRAN',
        cell: 'cgi 232-01-1234-5678',
        down_teid: 0xf0002000,
        gtp_peer: '192.0.2.1',
      },
      {
        started_at: T + 9 * SECOND + 1000,
        ended_at: T + 20 * SECOND + 1000,
        opened_at: T + 1000,
        end_reason: 'deleted',
        rat: 'GERAN',
        cell: 'cgi 232-01-1-2',
        down_teid: 0x2222,
        gtp_peer: '192.0.2.2',
      },
    ]);
  });

  test('does not change a flow that is under way', () => {
    const first = plain(anna.ipv4!, T + SECOND, 'up', 41_000);
    const second = plain(anna.ipv4!, T + 10 * SECOND, 'down', 41_000);
    const probe = play(
      createV1(anna, T),
      tunnelFrame(anna, 'up', first),
      updateV1(moved, T + 9 * SECOND),
      tunnelFrame(moved, 'down', second),
    );
    expect(probe.flows.find(({ client_port }) => client_port === 41_000)).toMatchObject({
      rat: 'UTRAN',
      gtp_peer: '192.0.2.1',
      up_teid: 0x1000,
      down_teid: 0x2222,
    });
  });

  test('that is rejected changes nothing; one whose response was lost does', () => {
    const rejected = play(
      createV1(anna, T),
      updateV1(moved, T + SECOND, 2, 204),
      user(moved, T + 2 * SECOND, 'down', '10.1.0.99'),
    );
    expect(clientsOf(rejected)).toEqual(['10.1.0.99']);
    expect(rowsOf(rejected, 'end_reason')).toEqual([{ end_reason: 'eof' }]);
    const lost = play(
      createV1(anna, T),
      up(moved, T + SECOND, v1.updatePdpRequest(2, moved)),
      plain('10.9.9.9', T + 70 * SECOND),
      user(moved, T + 71 * SECOND, 'down'),
    );
    expect(clientsOf(lost)).toEqual(['10.9.9.9', ANNA]);
    expect(rowsOf(lost, 'end_reason', 'started_at')).toEqual([
      { end_reason: 'updated', started_at: T + 1000 },
      { end_reason: 'eof', started_at: T + SECOND },
    ]);
  });

  test('of the EPS by a Modify Bearer', () => {
    const probe = play(
      createV2(anna, T),
      up(moved, T + SECOND, v2.modifyBearerRequest(2, { ...moved, rat: 6 })),
      down(moved, T + SECOND + 1000, v2.modifyBearerResponse(2, moved)),
      user(moved, T + 2 * SECOND, 'down'),
      user(anna, T + 3 * SECOND, 'down', '10.1.0.99'),
    );
    expect(clientsOf(probe)).toEqual([ANNA, '10.1.0.99']);
    expect(rowsOf(probe, 'rat', 'down_teid', 'end_reason')).toEqual([
      { rat: 'UTRAN', down_teid: 0xf0002000, end_reason: 'updated' },
      { rat: 'EUTRAN', down_teid: 0x2222, end_reason: 'eof' },
    ]);
  });
});

describe('an EPS session', () => {
  const dedicated = { bearer: 6, upTeid: 0x7001, downTeid: 0x7002 };
  const onDedicated = { ...anna, upTeid: dedicated.upTeid, downTeid: dedicated.downTeid, ipv4: '10.1.0.99' };

  test('has further bearers, told by a message that rides on another', () => {
    const probe = play(
      up(anna, T, v2.createSessionRequest(1, anna)),
      down(anna, T + 1000, v2.piggyback(v2.createSessionResponse(1, anna), v2.createBearerRequest(9, anna, 0x7001))),
      up(anna, T + 2000, v2.createBearerResponse(9, anna, dedicated)),
      user(onDedicated, T + SECOND, 'up'),
      user(onDedicated, T + 2 * SECOND, 'down'),
      down(anna, T + 3 * SECOND, v2.deleteBearerRequest(10, anna, 6)),
      up(anna, T + 3 * SECOND + 1000, v2.deleteBearerResponse(10, anna)),
      user(onDedicated, T + 4 * SECOND, 'up'),
      user(anna, T + 5 * SECOND, 'up'),
    );
    expect(clientsOf(probe)).toEqual([ANNA, ANNA, '10.1.0.99', ANNA]);
    expect(rowsOf(probe, 'up_teid', 'down_teid', 'end_reason')).toEqual([
      { up_teid: 0x1000, down_teid: 0xf0002000, end_reason: 'eof' },
    ]);
  });

  test('ends with its own bearer, from either side', () => {
    const bySgw = play(
      createV2(anna, T),
      up(anna, T + SECOND, v2.deleteSessionRequest(2, anna)),
      down(anna, T + SECOND + 1000, v2.deleteSessionResponse(2, anna)),
    );
    const byPgw = play(
      createV2(anna, T),
      down(anna, T + SECOND, v2.deleteBearerRequest(2, anna, 5)),
      up(anna, T + SECOND + 1000, v2.deleteBearerResponse(2, anna)),
    );
    for (const probe of [bySgw, byPgw]) {
      expect(rowsOf(probe, 'end_reason', 'ended_at')).toEqual([{ end_reason: 'deleted', ended_at: T + SECOND + 1000 }]);
    }
  });

  test('that is asked for on the way to two gateways is one, with the tunnels of both, until both are deleted', () => {
    const inner = { ...anna, accessNode: '192.0.2.9', networkNode: '192.0.2.50', upTeid: 0x8001, downTeid: 0x8002 };
    const nested = { ...inner, upControlTeid: 0x8003, downControlTeid: 0x8004 };
    const probe = play(
      up(anna, T, v2.createSessionRequest(1, anna)),
      createV2(nested, T + 10, 4),
      down(anna, T + 2000, v2.createSessionResponse(1, anna)),
      user(anna, T + SECOND),
      user(nested, T + SECOND + 1),
      up(nested, T + 2 * SECOND, v2.deleteSessionRequest(5, nested)),
      down(nested, T + 2 * SECOND + 1000, v2.deleteSessionResponse(5, nested)),
      plain(anna.ipv4!, T + 3 * SECOND),
      up(anna, T + 4 * SECOND, v2.deleteSessionRequest(6, anna)),
      down(anna, T + 4 * SECOND + 1000, v2.deleteSessionResponse(6, anna)),
    );
    expect(clientsOf(probe)).toEqual([ANNA, ANNA, ANNA]);
    expect(rowsOf(probe, 'client', 'end_reason', 'ended_at')).toEqual([
      { client: ANNA, end_reason: 'deleted', ended_at: T + 4 * SECOND + 1000 },
    ]);
  });
});

describe('an Error Indication', () => {
  test('takes its end away, if the node that owns it says so', () => {
    const elsewhere = { ...anna, ipv4: '10.1.0.99' };
    const genuine = play(
      createV1(anna, T),
      errorIndication(anna, T + SECOND, 'network'),
      user(elsewhere, T + 2 * SECOND),
    );
    expect(clientsOf(genuine)).toEqual(['10.1.0.99']);
    const { bytes } = errorIndication(anna, 0, 'network');
    const forged = between(end('10.1.0.2', 2152), end('192.0.2.1', 2152)).udp(T + SECOND, 'up', bytes.slice(42));
    expect(clientsOf(play(createV1(anna, T), forged, user(elsewhere, T + 2 * SECOND)))).toEqual([ANNA]);
  });
});

describe('who is the client', () => {
  test('is told by the session where ports and nets do not tell', () => {
    const phone = end('203.0.113.5', 500);
    const host = end('198.51.100.7', 7);
    const session = { ...anna, ipv4: '203.0.113.5' };
    const frame = between(phone, host).udp(T + SECOND, 'down', new Uint8Array(1));
    expect(play(createV1(session, T), tunnelFrame(session, 'down', frame)).flows).toContainEqual(
      expect.objectContaining({ client: ANNA, client_ip: '203.0.113.5' }),
    );
  });

  test('is who opens the connection, though the subscriber is the server: the mobile side is told, the client is not hers', () => {
    const syn = between(end('198.51.100.7', 5000), end(anna.ipv4!, 80)).tcp(T + SECOND, 'up', {
      sequence: 1,
      acknowledgment: 0,
      flags: TcpFlag.SYN,
      window: 1,
    });
    const probe = play(createV1(anna, T), tunnelFrame(anna, 'down', syn));
    expect(probe.flows.find(({ protocol }) => protocol === 'tcp')).toMatchObject({
      client: '198.51.100.7',
      server_ip: '10.1.0.1',
      subscriber_source: 'address',
      rat: 'UTRAN',
      up_teid: 0xf0002000,
      down_teid: null,
      gtp_peer: '192.0.2.9',
    });
  });
});

test("what subscribers send in their tunnels, GTP' and broken messages change nothing", () => {
  const forged = createV1({ ...bert, ipv4: anna.ipv4! }, T + SECOND).map((frame, i) =>
    tunnelFrame(anna, i === 0 ? 'up' : 'down', frame),
  );
  const broken = v1.createPdpRequest(1, bert).subarray(0, 40);
  const prime = v1.createPdpRequest(1, bert).with(0, 0x22);
  const probe = play(
    createV1(anna, T),
    forged,
    up(bert, T + 2 * SECOND, broken),
    up(bert, T + 2 * SECOND, prime),
    plain(anna.ipv4!, T + 3 * SECOND),
  );
  expect(clientsOf(probe)).toEqual([ANNA]);
  expect(probe.probe.sessions.gtpMalformed).toBe(1);
  expect(rowsOf(probe, 'client')).toEqual([{ client: ANNA }]);
});

describe('RADIUS accounting', () => {
  const session: PlantedAccounting = {
    sessionId: 'A1',
    nas: '192.0.2.30',
    imsi: anna.imsi,
    imeisv: '3569380300000101',
    callingStationId: anna.msisdn!,
    userName: 'anna',
    apn: 'internet',
    rat: 6,
    sgsnMccMnc: '23201',
    sgsn: '192.0.2.1',
    ipv4: '10.1.0.1',
  };
  const radius = (status: 'start' | 'stop' | 'interim', at: number, told = session, port = 1813): Frame =>
    between(end('192.0.2.30', 5000), end('192.0.2.31', port)).udp(at, 'up', accountingRequest(status, 1, told));

  test.each([1813, 1646])('tells on port %i whose an address is from start to stop', (port) => {
    const probe = play(
      radius('start', T, { ...session, delayS: 2 }, port),
      plain('10.1.0.1', T + SECOND),
      radius('interim', T + 2 * SECOND, { ...session, rat: 1 }, port),
      radius('stop', T + 60 * SECOND, session, port),
      plain('10.1.0.1', T + 61 * SECOND),
    );
    expect(clientsOf(probe)).toEqual([ANNA, '10.1.0.1']);
    expect(mobileOf(probe)[0]).toMatchObject({ subscriber_source: 'radius' });
    const columns = ['kind', 'started_at', 'ended_at', 'opened_at', 'end_reason', 'rat', 'tac', 'gtp_peer', 'plmn'];
    const common = {
      kind: 'radius',
      opened_at: T - 2 * SECOND,
      tac: '35693803',
      gtp_peer: '192.0.2.1',
      plmn: '232-01',
    };
    expect(rowsOf(probe, ...columns)).toEqual([
      { ...common, started_at: T - 2 * SECOND, ended_at: T + 2 * SECOND, end_reason: 'updated', rat: 'EUTRAN' },
      { ...common, started_at: T + 2 * SECOND, ended_at: T + 60 * SECOND, end_reason: 'stopped', rat: 'UTRAN' },
    ]);
  });

  test('of which only an update is seen tells when the session began', () => {
    const probe = play(radius('interim', T, { ...session, sessionS: 900 }), plain('10.1.0.1', T + SECOND));
    expect(clientsOf(probe)).toEqual([ANNA]);
    expect(rowsOf(probe, 'opened_at', 'started_at')).toEqual([{ opened_at: T - 900 * SECOND, started_at: T }]);
  });

  test('that tells of times before 1970 is believed without them', () => {
    const early = play(radius('interim', 800 * SECOND, { ...session, sessionS: 900 }));
    expect(rowsOf(early, 'opened_at', 'started_at')).toEqual([{ opened_at: null, started_at: 800 * SECOND }]);
    const late = play(radius('start', 800 * SECOND, { ...session, delayS: 900 }));
    expect(rowsOf(late, 'opened_at', 'started_at')).toEqual([{ opened_at: 800 * SECOND, started_at: 800 * SECOND }]);
  });

  test('knows the subscriber by the next best identity', () => {
    const { imsi: _imsi, ...withoutImsi } = session;
    const { callingStationId: _number, ...withName } = withoutImsi;
    const { userName: _name, ...withNothing } = withName;
    const identities = [session, withoutImsi, withName, withNothing].map(
      (told) => play(radius('start', T, told)).sessions[0]!.client,
    );
    expect(identities).toEqual([ANNA, 'msisdn:436600000001', 'user:anna', 'session:192.0.2.30 A1']);
  });

  test('and GTP of one subscriber stand side by side; another one ends both', () => {
    const bertsStart = radius('start', T + 9 * SECOND, {
      ...session,
      sessionId: 'B1',
      imsi: bert.imsi,
      callingStationId: '1',
    });
    const probe = play(
      createV1(anna, T),
      radius('start', T + SECOND),
      plain('10.1.0.1', T + 2 * SECOND),
      bertsStart,
      plain('10.1.0.1', T + 10 * SECOND),
    );
    expect(clientsOf(probe)).toEqual([ANNA, BERT]);
    expect(rowsOf(probe, 'kind', 'client', 'end_reason')).toEqual([
      { kind: 'radius', client: ANNA, end_reason: 'replaced' },
      { kind: 'gtp', client: ANNA, end_reason: 'replaced' },
      { kind: 'radius', client: BERT, end_reason: 'eof' },
    ]);
  });

  test('that is broken is counted', () => {
    const whole = accountingRequest('start', 1, session);
    const frame = between(end('192.0.2.30', 5000), end('192.0.2.31', 1813)).udp(T, 'up', whole.with(21, 1));
    expect(play(frame).probe.sessions.radiusMalformed).toBe(1);
  });
});
