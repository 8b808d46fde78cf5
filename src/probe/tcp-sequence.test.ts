import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { between, end, RecordingProbe } from '../../test/recording-probe.ts';
import { TcpFlag } from '../packet/layers.ts';
import type { Direction, Frame } from '../synth/frame.ts';
import { opaque } from '../synth/payload.ts';

const { FIN, SYN, RST, ACK } = TcpFlag;
const T = Date.UTC(2014, 1, 22, 18) * 1000;
const MS = 1000;
const builder = between(end('10.0.0.1', 40_000), end('198.51.100.7', 443));

/** First sequence numbers; the client's wraps within the first hundred bytes. */
const first: Record<Direction, number> = { up: 0xffff_ffc0, down: 7000 };
const other = (direction: Direction): Direction => (direction === 'up' ? 'down' : 'up');

interface Segment {
  /** Offset in the stream of the first byte, and how many. */
  readonly from?: number;
  readonly bytes?: number;
  /** Bytes of the other stream that it acknowledges. */
  readonly ack?: number;
  readonly flags?: number;
  readonly window?: number;
}

/** A segment `ms` milliseconds after T; streams begin behind the SYN. */
const segment = (
  ms: number,
  direction: Direction,
  { from = 0, bytes = 0, ack = 0, flags = ACK, window = 100 }: Segment,
) =>
  builder.tcp(
    T + ms * MS,
    direction,
    {
      sequence: (first[direction] + 1 + from) >>> 0,
      acknowledgment: (first[other(direction)] + 1 + ack) >>> 0,
      flags,
      window,
    },
    opaque(bytes),
    0,
    bytes,
  );

const syn = (ms: number): Frame =>
  builder.tcp(T + ms * MS, 'up', { sequence: first.up, acknowledgment: 0, flags: SYN, window: 100 });
const synAck = (ms: number): Frame =>
  builder.tcp(T + ms * MS, 'down', {
    sequence: first.down,
    acknowledgment: (first.up + 1) >>> 0,
    flags: SYN | ACK,
    window: 100,
  });

/** RTT 20 ms to the server and 30 ms to the client. */
const handshake = [syn(0), synAck(20), segment(50, 'up', {})];

const flowOf = (...frames: Frame[]) => {
  const [flow, ...others] = new RecordingProbe().play(...frames).finish().flows;
  expect(others).toEqual([]);
  return flow!;
};

describe('payload', () => {
  test('in order is counted over the wrap of sequence numbers', () => {
    const frames = [0, 1, 2, 3].map((i) => segment(60 + i, 'up', { from: 100 * i, bytes: 100 }));
    expect(flowOf(...handshake, ...frames)).toMatchObject({
      up_payload: 400,
      down_payload: 0,
      up_retransmits: 0,
      up_reordered: 0,
    });
  });

  test('of a connection whose start was not seen counts from the first segment', () => {
    const frames = [segment(0, 'down', { from: 5000, bytes: 10 }), segment(1, 'down', { from: 5010, bytes: 10 })];
    expect(flowOf(...frames)).toMatchObject({ down_payload: 20, down_retransmits: 0, down_reordered: 0 });
  });

  test('of a SYN and behind a FIN has its numbers right', () => {
    const open = builder.tcp(
      T,
      'up',
      { sequence: first.up, acknowledgment: 0, flags: SYN, window: 100 },
      opaque(30),
      0,
      30,
    );
    const last = segment(70, 'up', { from: 30, bytes: 5, flags: ACK | FIN });
    expect(flowOf(open, synAck(20), segment(50, 'up', { from: 30 }), last, { ...last, at: T + 80 * MS })).toMatchObject(
      {
        up_payload: 35,
        up_fins: 2,
        up_retransmits: 1,
        up_keepalives: 0,
      },
    );
  });
});

describe('a second SYN/ACK with other numbers', () => {
  const other = builder.tcp(T + 70 * MS, 'down', {
    sequence: 900_000,
    acknowledgment: (first.up + 1) >>> 0,
    flags: SYN | ACK,
    window: 100,
  });
  const data = (from: number) => segment(80, 'down', { from, bytes: 100, ack: 10 });
  test('that comes when the client has gone on with the first is passed over', () => {
    const flow = flowOf(...handshake, segment(60, 'up', { bytes: 10 }), other, data(0));
    expect(flow).toMatchObject({ down_payload: 100, down_retransmits: 0, down_syns: 2 });
  });

  test('that the client may still take is where the stream begins', () => {
    const flow = flowOf(syn(0), synAck(20), other, data(900_000 - first.down), segment(81, 'up', { bytes: 10 }));
    expect(flow).toMatchObject({ down_payload: 100, down_retransmits: 0 });
  });
});

describe('a segment that comes again', () => {
  const once = segment(60, 'up', { bytes: 100 });
  test('is a retransmission, and its payload counts once', () => {
    expect(flowOf(...handshake, once, segment(300, 'up', { bytes: 100 }))).toMatchObject({
      up_payload: 100,
      up_retransmits: 1,
      up_reordered: 0,
    });
  });

  test('in part is one too', () => {
    expect(flowOf(...handshake, once, segment(300, 'up', { from: 50, bytes: 100 }))).toMatchObject({
      up_payload: 150,
      up_retransmits: 1,
    });
  });

  test('gives no RTT (Karn), nor does what it repeats', () => {
    const flow = flowOf(
      ...handshake,
      once,
      segment(300, 'up', { bytes: 100 }),
      segment(320, 'down', { ack: 100 }),
      segment(400, 'up', { from: 100, bytes: 100 }),
      segment(425, 'down', { ack: 200 }),
    );
    expect(flow).toMatchObject({ server_rtt_samples: 2, server_rtt_min_us: 20 * MS, server_rtt_avg_us: 22_500 });
  });
});

describe('a gap', () => {
  const ahead = segment(60, 'down', { from: 100, bytes: 100 });
  test.each([
    ['filled within the round trip of 50 ms: overtaken', 109, 'down_reordered'],
    ['filled later: sent again after a loss', 111, 'down_retransmits'],
  ])('%s', (_, ms, column) => {
    const flow = flowOf(...handshake, ahead, segment(ms, 'down', { bytes: 100 }));
    expect(flow).toMatchObject({ down_payload: 200, down_reordered: 0, down_retransmits: 0, [column]: 1 });
  });

  test.each([
    ['3 ms where the handshake is not known', 3, 'down_retransmits'],
    ['... less than that', 2.9, 'down_reordered'],
  ])('%s', (_, ms, column) => {
    const flow = flowOf(
      segment(0, 'down', {}),
      segment(1, 'down', { from: 100, bytes: 100 }),
      segment(1 + ms, 'down', { bytes: 100 }),
    );
    expect(flow).toMatchObject({ down_payload: 200, down_reordered: 0, down_retransmits: 0, [column]: 1 });
  });

  test('that is never filled is not payload', () => {
    expect(flowOf(...handshake, ahead)).toMatchObject({ down_payload: 100 });
  });

  test('times no segment until it is filled: its acknowledgement would wait for the gap', () => {
    const flow = flowOf(
      ...handshake,
      ahead,
      segment(61, 'down', { from: 200, bytes: 100 }),
      segment(200, 'down', { bytes: 100 }),
      segment(230, 'up', { ack: 300 }),
    );
    expect(flow).toMatchObject({ client_rtt_samples: 1, client_rtt_us: 30 * MS });
  });
});

test('an RTT is taken of each segment that is acknowledged while none other waits', () => {
  const flow = flowOf(
    ...handshake,
    segment(100, 'down', { bytes: 100 }),
    segment(101, 'down', { from: 100, bytes: 100 }),
    segment(133, 'up', { ack: 200 }),
    segment(150, 'up', { bytes: 10, ack: 200 }),
    segment(165, 'down', { from: 200, bytes: 10, ack: 10 }),
    segment(200, 'up', { from: 10, ack: 210 }),
  );
  expect(flow).toMatchObject({
    rtt_source: 'syn',
    server_rtt_us: 20 * MS,
    server_rtt_samples: 2,
    server_rtt_min_us: 15 * MS,
    server_rtt_avg_us: 17_500,
    client_rtt_us: 30 * MS,
    client_rtt_samples: 3,
    client_rtt_min_us: 30 * MS,
    client_rtt_avg_us: Math.round((98 * MS) / 3),
  });
});

test('without a handshake the RTT is that of data, and says so; the first segment may have been sent before', () => {
  const frames = [
    segment(0, 'up', { bytes: 10 }),
    segment(2, 'down', { ack: 10 }),
    segment(10, 'up', { from: 10, bytes: 10 }),
    segment(17, 'down', { ack: 20 }),
  ];
  expect(flowOf(...frames)).toMatchObject({
    rtt_source: 'data',
    server_rtt_us: null,
    server_rtt_min_us: 7 * MS,
    server_rtt_samples: 1,
    client_rtt_min_us: null,
    client_rtt_samples: 0,
  });
});

test('a keep-alive, with its byte or without, is no payload and no retransmission', () => {
  const frames = [
    segment(60, 'up', { bytes: 10 }),
    segment(5000, 'up', { from: 9 }),
    segment(9000, 'up', { from: 9, bytes: 1 }),
    segment(9010, 'down', { ack: 10 }),
  ];
  expect(flowOf(...handshake, ...frames)).toMatchObject({
    up_keepalives: 2,
    up_payload: 10,
    up_retransmits: 0,
    transfer_us: 0,
    max_idle_us: 4940 * MS,
  });
});

test('zero windows are counted, but not of RST', () => {
  const frames = [segment(60, 'down', { window: 0 }), segment(70, 'down', { window: 0, flags: RST })];
  expect(flowOf(...handshake, ...frames)).toMatchObject({ down_zero_windows: 1, up_zero_windows: 0 });
});

test('segments cut, repeated and shuffled: payload is what was seen, each byte once', () => {
  const piece = fc.record({ from: fc.integer({ min: 0, max: 300 }), bytes: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 60 }), (pieces) => {
      // Nine-byte steps leave no more gaps at once than are remembered.
      const segments = pieces.map(({ from, bytes }) => ({ from: 30 * Math.floor(from / 30), bytes }));
      const seen = new Set<number>();
      let highest = 0;
      for (const { from, bytes } of segments) {
        const isKeepalive = bytes === 1 && from === highest - 1;
        if (!isKeepalive) for (let i = from; i < from + bytes; i++) seen.add(i);
        highest = Math.max(highest, from + bytes);
      }
      const frames = segments.map((each, i) => segment(60 + i, 'up', each));
      expect(flowOf(...handshake, ...frames).up_payload).toBe(seen.size);
    }),
  );
});

test('a hostile stream of gaps is bounded, and never counts more than was sent', () => {
  const frames = Array.from({ length: 3000 }, (_, i) =>
    segment(60 + i / 10, 'up', { from: (i * 7919) % 60_000, bytes: 1 }),
  );
  const recording = new RecordingProbe().play(...handshake, ...frames);
  const { words } = recording.probe.troubles.checkpoint().gaps;
  expect(words.length / 4).toBeLessThan(64);
  expect(recording.finish().flows[0]!.up_payload).toBeLessThanOrEqual(3000);
});
