import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { between, end, RecordingProbe } from '../../test/recording-probe.ts';
import { parseNets } from '../packet/address-set.ts';
import { frameReasons } from '../packet/frame-reason.ts';
import { LinkType } from '../packet/frame-sink.ts';
import { TcpFlag } from '../packet/layers.ts';
import type { Direction, Frame, FrameBuilder } from '../synth/frame.ts';
import { opaque } from '../synth/payload.ts';
import { play } from '../synth/play.ts';
import { tcpConnection } from '../synth/tcp-connection.ts';

const { FIN, SYN, RST, ACK } = TcpFlag;
const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const DAY = 86_400 * SECOND;
/** 500 ms into a minute. */
const T = Date.UTC(2014, 1, 22, 18) * 1000 + SECOND / 2;

const phone = end('10.0.0.1', 40_000);
const server = end('198.51.100.7', 443);
const builder = between(phone, server);

/** A segment without payload; `sequence` tells SYNs apart. */
const tcp = (
  at: number,
  direction: Direction,
  flags: number,
  sequence = flags & SYN ? 1000 : 1001,
  of: FrameBuilder = builder,
): Frame => of.tcp(at, direction, { sequence, acknowledgment: flags & ACK ? 1001 : 0, flags, window: 100 });
const data = (at: number, direction: Direction, bytes = 10): Frame =>
  builder.tcp(
    at,
    direction,
    { sequence: 1001, acknowledgment: 1001, flags: ACK, window: 100 },
    opaque(bytes),
    0,
    bytes,
  );
const udp = (at: number, direction: Direction, of = builder): Frame => of.udp(at, direction, new Uint8Array(20));

const handshake = (at: number): Frame[] => [
  tcp(at, 'up', SYN),
  tcp(at + 10, 'down', SYN | ACK),
  tcp(at + 30, 'up', ACK),
];

const rowsOf = (...frames: Frame[]) => new RecordingProbe().play(...frames).finish().flows;

describe('the client is', () => {
  const clientOf = (localNets: string[], frame: Frame): string => {
    const [flow] = new RecordingProbe({ localNets: parseNets(localNets) }).play(frame).finish().flows;
    return `${flow!.client_ip}:${flow!.client_port}`;
  };
  const a = '10.0.0.1:40000';
  const b = '198.51.100.7:443';
  // The path leads from a to b; 'down' packets are of b.
  test.each([
    ['the sender of the SYN', [], tcp(T, 'up', SYN), a],
    ['... whatever is local', ['10.0.0.0/8'], tcp(T, 'down', SYN), b],
    ['the receiver of the first SYN/ACK', [], tcp(T, 'down', SYN | ACK), a],
    ['... whatever is local', ['10.0.0.0/8'], tcp(T, 'up', SYN | ACK), b],
    ['the only end in the local nets', ['10.0.0.0/8'], tcp(T, 'up', ACK), a],
    ['... if the other end speaks first', ['10.0.0.0/8'], tcp(T, 'down', ACK), a],
    ['... if its port is the lower one', ['198.51.100.0/24'], tcp(T, 'up', ACK), b],
    ['... over UDP', ['198.51.100.0/24'], udp(T, 'up'), b],
    ['the sender of the first packet', [], tcp(T, 'up', ACK), a],
    ['... unless its port is under 1024 and the other is not', [], tcp(T, 'down', ACK), a],
    ['... so too if both ends are local', ['0.0.0.0/0'], tcp(T, 'down', ACK), a],
    ['... over UDP', [], udp(T, 'down'), a],
  ] as const)('%s (%#)', (_, nets, frame, client) => {
    expect(clientOf([...nets], frame)).toBe(client);
  });

  test.each([
    ['both ports are under 1024', 1023, 53],
    ['neither is', 1024, 8080],
  ])('the sender of the first packet where %s', (_, portA, portB) => {
    const path = between(end('192.0.2.1', portA), end('192.0.2.2', portB));
    expect(clientOf([], udp(T, 'up', path))).toBe(`192.0.2.1:${portA}`);
    expect(clientOf([], udp(T, 'down', path))).toBe(`192.0.2.2:${portB}`);
  });

  test('told from IPv6 addresses alike', () => {
    const path = between(end('2001:db8::1', 443), end('fd00::2', 50_000));
    expect(clientOf(['fd00::/8'], udp(T, 'up', path))).toBe('fd00::2:50000');
    expect(clientOf(['2001:db8::1/128'], udp(T, 'up', path))).toBe('2001:db8::1:443');
  });
});

describe('a flow is over after a silence', () => {
  /** Frames of a flow whose last packet is at T. */
  const cases: readonly (readonly [string, number, readonly Frame[], string])[] = [
    ['of TCP: 1800 s', 1800, [...handshake(T - 5e5), data(T, 'up')], 'S1'],
    ['of TCP of which no SYN was seen: 1800 s', 1800, [data(T, 'up')], 'OTH'],
    ['of a SYN alone: 30 s', 30, [tcp(T, 'up', SYN)], 'S0'],
    ['of repeated SYNs: 30 s', 30, [tcp(T - SECOND, 'up', SYN), tcp(T, 'up', SYN)], 'S0'],
    ['of UDP: 180 s', 180, [udp(T - 3, 'up'), udp(T, 'down')], 'SF'],
    [
      'of a connection closed from both sides: 5 s',
      5,
      [...handshake(T - 5e5), tcp(T - 1, 'up', FIN | ACK), tcp(T, 'down', FIN | ACK)],
      'SF',
    ],
    ['of one that was reset: 5 s', 5, [...handshake(T - 5e5), tcp(T, 'down', RST)], 'RSTR'],
  ];

  test.each(cases)('%s, and one microsecond before it is not', (_, idleS, frames, state) => {
    const next = (at: number): Frame => (frames[0]!.bytes[23] === 17 ? udp(at, 'up') : tcp(at, 'up', ACK));
    const dueAt = T + idleS * SECOND;
    for (const at of [dueAt - 1, dueAt]) expect(rowsOf(...frames, next(at))).toHaveLength(1);
    const [first, second] = rowsOf(...frames, next(dueAt + 1));
    expect(first).toMatchObject({ ended_at: T, conn_state: state });
    expect(second).toMatchObject({ started_at: dueAt + 1 });
  });

  test.each(cases)('%s, told by the clock of other packets within two seconds', (_, idleS, frames) => {
    const other = between(end('10.0.0.2', 1), end('198.51.100.9', 2));
    const recording = new RecordingProbe().play(...frames);
    const dueAt = T + idleS * SECOND;
    recording.play(udp(dueAt, 'up', other));
    expect(recording.flows).toHaveLength(0);
    recording.play(udp(dueAt + 2 * SECOND, 'up', other));
    expect(recording.flows).toMatchObject([{ ended_at: T, reported_at: dueAt + 2 * SECOND }]);
  });

  test('on a full second is the same rule', () => {
    const at = Math.ceil(T / SECOND) * SECOND;
    expect(rowsOf(udp(at, 'up'), udp(at + 180 * SECOND, 'up'))).toHaveLength(1);
    expect(rowsOf(udp(at, 'up'), udp(at + 180 * SECOND + 1, 'up'))).toHaveLength(2);
  });

  test('all of them can be set, also below the wait for late packets', () => {
    const options = { udpIdleUs: SECOND, tcpIdleUs: 2 * SECOND, synIdleUs: 3 * SECOND };
    const count = (...frames: Frame[]): number => new RecordingProbe(options).play(...frames).finish().flows.length;
    expect([count(udp(T, 'up'), udp(T + SECOND, 'up')), count(udp(T, 'up'), udp(T + SECOND + 1, 'up'))]).toEqual([
      1, 2,
    ]);
    expect([count(data(T, 'up'), data(T + 2e6, 'up')), count(data(T, 'up'), data(T + 2e6 + 1, 'up'))]).toEqual([1, 2]);
    expect([
      count(tcp(T, 'up', SYN), tcp(T + 3e6, 'up', SYN)),
      count(tcp(T, 'up', SYN), tcp(T + 3e6 + 1, 'up', SYN)),
    ]).toEqual([1, 2]);
  });

  test('each packet begins it anew, however long the flow lives', () => {
    const frames = Array.from({ length: 20 }, (_, i) => data(T + i * 1700 * SECOND, i % 2 ? 'up' : 'down'));
    expect(rowsOf(...frames)).toMatchObject([{ started_at: T, ended_at: T + 19 * 1700 * SECOND }]);
  });
});

describe('end reasons', () => {
  const opened = handshake(T);
  const later = T + MINUTE;
  const passing = udp(T + 4000 * SECOND, 'up', between(end('10.0.0.2', 1), end('198.51.100.9', 2)));
  test.each([
    ['fin', [tcp(later, 'up', FIN | ACK), tcp(later, 'down', FIN | ACK), passing]],
    ['fin', [tcp(later, 'down', FIN | ACK), tcp(later, 'up', FIN | ACK)]],
    ['rst', [tcp(later, 'up', RST), passing]],
    ['rst', [tcp(later, 'up', FIN | ACK), tcp(later, 'down', RST)]],
    ['idle', [tcp(later, 'up', FIN | ACK), passing]],
    ['idle', [passing]],
    ['eof', [tcp(later, 'up', FIN | ACK)]],
    ['eof', []],
  ])('%s (%#)', (reason, frames) => {
    expect(rowsOf(...opened, ...frames)[0]).toMatchObject({ end_reason: reason });
  });
});

describe('a port that is used again', () => {
  const closed = [...handshake(T), tcp(T + 100, 'up', FIN | ACK), tcp(T + 200, 'down', FIN | ACK)];

  test('gives two flows, at once', () => {
    const answer = { sequence: 5, acknowledgment: 77_001, flags: SYN | ACK, window: 100 };
    const [first, second] = rowsOf(...closed, tcp(T + 300, 'up', SYN, 77_000), builder.tcp(T + 400, 'down', answer));
    expect(first).toMatchObject({ started_at: T, ended_at: T + 200, conn_state: 'SF', end_reason: 'fin', up_syns: 1 });
    expect(second).toMatchObject({ started_at: T + 300, conn_state: 'S1', up_syns: 1, server_rtt_us: 100 });
  });

  test('by the other end changes client and server', () => {
    const [, second] = rowsOf(...closed, tcp(T + 300, 'down', SYN, 77_000));
    expect(second).toMatchObject({ client_ip: '198.51.100.7', client_port: 443, server_port: 40_000 });
  });

  test('is none if the SYN is the old one again', () => {
    expect(rowsOf(...closed, tcp(T + 300, 'up', SYN))).toMatchObject([{ up_syns: 2 }]);
    // Some systems try three times although they were refused.
    expect(rowsOf(tcp(T, 'up', SYN), tcp(T + 9, 'down', RST), tcp(T + 500, 'up', SYN))).toMatchObject([
      { up_syns: 2, conn_state: 'REJ' },
    ]);
  });

  test('late packets of a closed connection belong to it', () => {
    expect(rowsOf(...closed, tcp(T + 4 * SECOND, 'up', ACK))).toMatchObject([{ ended_at: T + 4 * SECOND }]);
  });
});

describe('handshake', () => {
  test.each([
    ['plain', handshake(T), 10, 20],
    ['the SYN repeated', [tcp(T - 5, 'up', SYN), ...handshake(T)], null, 20],
    [
      'the SYN/ACK repeated',
      [...handshake(T).slice(0, 2), tcp(T + 12, 'down', SYN | ACK), tcp(T + 30, 'up', ACK)],
      10,
      null,
    ],
    ['the SYN not seen', handshake(T).slice(1), null, 20],
    ['the SYN/ACK not seen', [tcp(T, 'up', SYN), tcp(T + 30, 'up', ACK)], null, null],
    ['refused by the client', [...handshake(T).slice(0, 2), tcp(T + 30, 'up', RST)], 10, null],
    ['acknowledged by the first data', [...handshake(T).slice(0, 2), data(T + 30, 'up')], 10, 20],
    ['times in disorder', [tcp(T + 5, 'up', SYN), tcp(T, 'down', SYN | ACK), tcp(T - 1, 'up', ACK)], null, null],
  ])('%s', (_, frames, serverRttUs, clientRttUs) => {
    const source = serverRttUs === null && clientRttUs === null ? '' : 'syn';
    expect(rowsOf(...frames)).toMatchObject([
      { server_rtt_us: serverRttUs, client_rtt_us: clientRttUs, rtt_source: source },
    ]);
  });

  test('its RTT counts in the minute in which it completed', () => {
    const { lives } = new RecordingProbe().play(...handshake(T), data(T + MINUTE, 'down')).finish();
    expect(lives.map(({ rttUs }) => rttUs)).toEqual([10, null]);
  });
});

test('the hop limit is that of the first packet from the client, whoever spoke first', () => {
  expect(rowsOf(tcp(T, 'down', SYN | ACK), tcp(T + 1, 'up', ACK))).toMatchObject([{ ip_ttl: 63 }]);
  expect(rowsOf(tcp(T, 'down', SYN | ACK))).toMatchObject([{ ip_ttl: null }]);
});

test('protocols without ports: one flow a pair of hosts, ports NULL', () => {
  const icmp = (at: number, direction: Direction): Frame => {
    const frame = udp(at, direction);
    frame.bytes[23] = 1;
    return frame;
  };
  expect(rowsOf(icmp(T, 'up'), icmp(T + 1, 'down'))).toMatchObject([
    {
      protocol: 'icmp',
      client_port: null,
      server_port: null,
      up_packets: 1,
      down_packets: 1,
      up_syns: null,
      conn_state: 'OTH',
    },
  ]);
});

describe('flow ids', () => {
  const many = (): Frame[] => {
    const frames: Frame[] = [];
    for (let i = 0; i < 300; i++) frames.push(udp(T + (i >> 5), 'up', between(end('10.0.0.1', 5000 + i), server)));
    // The same 5-tuple three times in one microsecond.
    for (const sequence of [1, 2, 3])
      frames.push(tcp(T + MINUTE, 'up', SYN, sequence), tcp(T + MINUTE, 'up', RST, sequence + 1));
    return frames;
  };
  const idsOf = (options = {}): unknown[] =>
    new RecordingProbe(options)
      .play(...many())
      .finish()
      .flows.map(({ flow_id }) => flow_id);

  test('are the same in every run, and distinct for equal starts', () => {
    const ids = idsOf();
    expect(idsOf()).toEqual(ids);
    expect(new Set(ids).size).toBe(303);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
    const seconds = Math.floor(T / SECOND).toString(16);
    expect(ids.filter((id) => String(id).startsWith(seconds))).toHaveLength(300);
  });

  test('depend on key and vantage, not on what else the capture holds', () => {
    const ids = idsOf();
    expect(idsOf({ flowIdKey: new Uint8Array(8).fill(8) })).not.toEqual(ids);
    expect(idsOf({ vantage: 'elsewhere' })).not.toEqual(ids);
    const before = udp(T - SECOND, 'up', between(end('10.9.9.9', 9), server));
    const withMore = new RecordingProbe()
      .play(before, ...many())
      .finish()
      .flows.map(({ flow_id }) => flow_id);
    expect(withMore).toEqual(expect.arrayContaining(ids));
  });
});

describe('packet time', () => {
  test('out of order by a little changes neither flows nor their bounds', () => {
    const frames = Array.from({ length: 50 }, (_, i) => data(T + i * 1000, i % 3 ? 'up' : 'down'));
    const mixed = [...frames.slice(0, 10), ...frames.slice(10, 40).reverse(), ...frames.slice(40)];
    const pick = ({ started_at, ended_at, up_packets, down_packets }: ReturnType<typeof rowsOf>[number]) => [
      started_at,
      ended_at,
      up_packets,
      down_packets,
    ];
    expect(rowsOf(...mixed).map(pick)).toEqual(rowsOf(...frames).map(pick));
  });

  test('that jumps ahead ends what is due, once', () => {
    const recording = new RecordingProbe().play(...handshake(T), udp(T + 5, 'up'));
    recording.play(tcp(T + 10 * 365 * DAY, 'up', SYN, 9), tcp(T + 10 * 365 * DAY + 5, 'down', SYN | ACK)).finish();
    expect(recording.flows.map(({ end_reason, ended_at }) => [end_reason, ended_at])).toEqual([
      ['idle', T + 30],
      ['idle', T + 5],
      ['eof', T + 10 * 365 * DAY + 5],
    ]);
  });

  test('is not set a day ahead by one packet alone', () => {
    const recording = new RecordingProbe().play(...handshake(T));
    const stray = udp(T + 100 * 365 * DAY, 'up', between(end('10.0.0.9', 9), server));
    recording.play(stray, data(T + SECOND, 'down'));
    expect([recording.probe.clock, recording.flows.length]).toEqual([T + SECOND, 0]);
    recording.play(tcp(T + 2 * SECOND, 'up', RST), data(T + 8 * SECOND, 'down'));
    expect(recording.flows).toMatchObject([{ end_reason: 'rst', reported_at: T + 8 * SECOND }]);
    recording.finish();
    expect(Math.max(...recording.flows.map(({ reported_at }) => reported_at as number))).toBe(T + 8 * SECOND);
    expect(recording.flows).toHaveLength(3);
  });

  test('that goes back does not go back in what is reported, and loses nothing', () => {
    const recording = new RecordingProbe().play(...handshake(T), udp(T - DAY, 'up'), udp(T - DAY + 5, 'down')).finish();
    expect(recording.flows).toMatchObject([
      { started_at: T, reported_at: T + 30 },
      { started_at: T - DAY, ended_at: T - DAY + 5, up_packets: 1, down_packets: 1, reported_at: T + 30 },
    ]);
  });
});

describe('minutes', () => {
  test('each flow tells each minute in which it had packets, once', () => {
    const frames = [...handshake(T), data(T + 59 * SECOND, 'up'), data(T + MINUTE, 'up'), data(T + 5 * MINUTE, 'down')];
    const { lives, minutes } = new RecordingProbe().play(...frames).finish();
    const first = T - SECOND / 2;
    expect(lives).toEqual([
      { minuteAt: first, client: '10.0.0.1', packets: 4, opened: true, syns: 1, rttUs: 10 },
      { minuteAt: first + MINUTE, client: '10.0.0.1', packets: 1, opened: false, syns: 0, rttUs: null },
      { minuteAt: first + 5 * MINUTE, client: '10.0.0.1', packets: 1, opened: false, syns: 0, rttUs: null },
    ]);
    expect(minutes).toEqual([T + MINUTE, T + 5 * MINUTE, T + 5 * MINUTE]);
  });

  test('a record that is used again in the same minute tells each of its flows', () => {
    const frames = Array.from({ length: 10 }, (_, i) => tcp(T + i, 'up', SYN, i)).flatMap((frame) => [
      frame,
      tcp(frame.at, 'down', RST),
    ]);
    const { lives, flows } = new RecordingProbe().play(...frames, data(T + MINUTE, 'up')).finish();
    expect(flows).toHaveLength(11);
    expect(lives.map(({ packets, opened }) => [packets, opened])).toEqual([...Array(10).fill([2, true]), [1, true]]);
  });
});

describe('at the cap', () => {
  const client = (i: number): FrameBuilder => between(end('10.0.0.1', 1024 + i), server);

  test('the flow that is due soonest becomes a ticket', () => {
    const recording = new RecordingProbe({ maxFlows: 3 });
    recording.play(udp(T, 'up', client(0)), udp(T + 1, 'up', client(1)), tcp(T + 2, 'up', SYN, 1, client(2)));
    // A SYN alone is due after 30 s, the others after 180.
    recording.play(udp(T + 3, 'up', client(3)));
    expect(recording.flows).toMatchObject([{ client_port: 1026, end_reason: 'evicted' }]);
    // The oldest is the next, unless it was heard since.
    recording.play(udp(T + 100 * SECOND, 'up', client(0)), udp(T + 100 * SECOND, 'up', client(3)));
    recording.play(udp(T + 101 * SECOND, 'up', client(4)));
    expect(recording.flows[1]).toMatchObject({ client_port: 1025, end_reason: 'evicted' });
  });

  test('closed connections go first', () => {
    const recording = new RecordingProbe({ maxFlows: 2 });
    recording.play(
      tcp(T, 'up', SYN, 1, client(0)),
      ...handshake(T),
      tcp(T + 50, 'up', RST),
      udp(T + 60, 'up', client(1)),
    );
    expect(recording.flows).toMatchObject([{ client_port: 40_000, end_reason: 'evicted', conn_state: 'RSTO' }]);
  });

  test('a flood in one second costs no memory, and every flow is told', () => {
    const recording = new RecordingProbe({ maxFlows: 1000 });
    let closed = 0;
    recording.closed = () => {
      closed++;
    };
    const frame = udp(T, 'up');
    for (let i = 0; i < 60_000; i++) {
      new DataView(frame.bytes.buffer).setUint32(26, 0x0a000000 + i);
      recording.play(frame);
      if (i % 10_000 === 0) expect(recording.probe.flows.size).toBeLessThanOrEqual(1000);
    }
    expect(recording.probe.flows.capacity).toBe(4096);
    expect(closed).toBe(59_000);
    recording.finish();
    expect([closed, recording.opens, recording.lives.length]).toEqual([60_000, 60_000, 60_000]);
  });
});

test('every packet is counted in one flow, in one minute of it, or under a reason', () => {
  const connection = tcpConnection({
    path: { client: phone, server, clientTtl: 60, serverTtl: 60 },
    at: T,
    serverRttUs: 20_000,
    clientRttUs: 30_000,
    turns: [
      { direction: 'up', payload: opaque(5000) },
      { direction: 'down', payload: opaque(20_000), afterUs: 90 * SECOND },
    ],
  });
  const frames = [
    ...play([[connection].values()]),
    udp(T, 'up'),
    udp(T, 'down'),
    ...handshake(T + DAY),
    udp(T, 'up', between(end('fd00::1', 7), end('fd00::2', 53))),
  ];
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          which: fc.nat(frames.length - 1),
          at: fc.nat(1000),
          to: fc.nat(255),
          cut: fc.nat(80),
          later: fc.nat(300),
        }),
        { minLength: 1, maxLength: 200 },
      ),
      (changes) => {
        const recording = new RecordingProbe({ maxFlows: 20 });
        let at = T;
        for (const { which, at: place, to, cut, later } of changes) {
          const bytes = Uint8Array.from(frames[which]!.bytes);
          if (place < bytes.length) bytes[place] = to;
          at += later ** 3 - 1000;
          recording.probe.frame(
            bytes,
            0,
            Math.max(0, bytes.length - (cut < 40 ? 0 : cut)),
            bytes.length,
            at,
            LinkType.ETHERNET,
          );
        }
        recording.finish();
        const { probe, flows, lives } = recording;
        const inFlows = flows.reduce(
          (sum, flow) => sum + (flow.up_packets as number) + (flow.down_packets as number),
          0,
        );
        const elsewhere = probe.reasons.slice(1).reduce((sum, count) => sum + count, 0);
        expect(probe.packets).toBe(changes.length);
        expect(inFlows + elsewhere).toBe(changes.length);
        expect(probe.reasons[frameReasons.indexOf('ok')]).toBe(inFlows);
        expect(lives.reduce((sum, { packets }) => sum + packets, 0)).toBe(inFlows);
        expect(lives.filter(({ opened }) => opened)).toHaveLength(flows.length);
        expect(probe.flows.size).toBe(0);
        const reportedAt = flows.map((flow) => flow.reported_at as number);
        expect(reportedAt).toEqual([...reportedAt].sort((a, b) => a - b));
      },
    ),
    { numRuns: 150 },
  );
});
