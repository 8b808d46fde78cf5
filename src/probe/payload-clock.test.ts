import { describe, expect, test } from 'vitest';
import { between, end, RecordingProbe } from '../../test/recording-probe.ts';
import { TcpFlag } from '../packet/layers.ts';
import type { Direction, Frame } from '../synth/frame.ts';
import { literal } from '../synth/payload.ts';

const { FIN, ACK, RST } = TcpFlag;
const T = Date.UTC(2014, 1, 22, 18) * 1000;
const SECOND = 1e6;
const builder = between(end('10.0.0.1', 40_000), end('198.51.100.7', 443));

/** TLS records by type and length. */
const record = (type: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(5 + length).fill(0xaa);
  bytes.set([type, 3, 3, length >> 8, length & 255]);
  return bytes;
};
const data = record(23, 95);
const alert = record(21, 26);
const hiddenAlert = record(23, 19);

/** Segments in order, `[seconds, direction, payload, flags]`. */
type Step = readonly [at: number, direction: Direction, payload?: Uint8Array | undefined, flags?: number];

const play = (...steps: Step[]) => {
  const next: Record<Direction, number> = { up: 1, down: 1 };
  const frames = steps.map(([at, direction, payload = new Uint8Array(0), flags = ACK]): Frame => {
    const header = { sequence: next[direction], acknowledgment: 1, flags, window: 9 };
    next[direction] += payload.length;
    return builder.tcp(T + at * SECOND, direction, header, literal(payload), 0, payload.length);
  });
  const { flows, bursts } = new RecordingProbe().play(...frames).finish();
  return { flow: flows[0]!, bursts };
};

describe('transfer time', () => {
  test('runs from the first payload byte to the last, for both directions and each', () => {
    const { flow } = play(
      [0, 'up'],
      [1, 'up', data],
      [2, 'down', data],
      [4, 'up', data],
      [9, 'down', data],
      [10, 'up'],
    );
    expect(flow).toMatchObject({
      transfer_us: 8 * SECOND,
      up_transfer_us: 3 * SECOND,
      down_transfer_us: 7 * SECOND,
    });
  });

  test('is NULL without payload, and 0 with one segment', () => {
    expect(play([0, 'up'], [1, 'down']).flow).toMatchObject({ transfer_us: null, down_transfer_us: null });
    expect(play([0, 'up', data]).flow).toMatchObject({ transfer_us: 0, up_transfer_us: 0, down_transfer_us: null });
  });

  test.each([
    ['an alert', alert],
    ['an alert that TLS 1.3 hides', hiddenAlert],
  ])('does not run on to %s after a silence over 5 s, but to one before', (_, last) => {
    expect(play([0, 'up', data], [2, 'down', data], [7.1, 'down', last]).flow).toMatchObject({
      transfer_us: 2 * SECOND,
    });
    expect(play([0, 'up', data], [2, 'down', data], [7, 'down', last]).flow).toMatchObject({ transfer_us: 7 * SECOND });
  });

  test('is never negative, though a clock runs backwards', () => {
    const { flow } = play([0, 'up'], [-5, 'up', data], [-9, 'down', data]);
    expect(flow).toMatchObject({ transfer_us: 0, up_transfer_us: 0, down_transfer_us: 0 });
  });

  test('runs on to data after any silence', () => {
    expect(play([0, 'up', data], [2, 'down', data], [600, 'down', data]).flow).toMatchObject({
      transfer_us: 600 * SECOND,
    });
  });

  test('runs on if data follows the alert', () => {
    expect(play([0, 'up', data], [20, 'up', alert], [21, 'up', data]).flow).toMatchObject({ transfer_us: 21 * SECOND });
  });
});

describe('closing idle', () => {
  test.each([
    ['FIN', FIN | ACK],
    ['RST', RST],
  ])('is the silence before the first %s, alerts after a silence left out', (_, flags) => {
    const steps: Step[] = [
      [0, 'up', data],
      [2, 'down', data],
      [902, 'down', alert],
      [902.5, 'down', undefined, flags],
    ];
    expect(play(...steps, [903, 'up', undefined, FIN | ACK]).flow).toMatchObject({ closing_idle_us: 900.5 * SECOND });
  });

  test('is 0 if a clock runs backwards', () => {
    expect(play([0, 'up', data], [-3, 'up', undefined, FIN | ACK]).flow).toMatchObject({ closing_idle_us: 0 });
  });

  test('is NULL while the connection stays open, or if there was no payload', () => {
    expect(play([0, 'up', data]).flow).toMatchObject({ closing_idle_us: null });
    expect(play([0, 'up'], [1, 'down', undefined, FIN | ACK]).flow).toMatchObject({ closing_idle_us: null });
  });
});

describe('bursts', () => {
  test('are split by a silence over 1 s, whoever speaks', () => {
    const { bursts, flow } = play(
      [0, 'up', data],
      [0.9, 'down', data],
      [1.9, 'down', data],
      [2.91, 'up', data],
      [3, 'up'],
      [30, 'down', data],
    );
    const flowId = flow.flow_id;
    const shared = { flow_id: flowId, up_payload: 100, down_payload: 0 };
    expect(bursts).toMatchObject([
      { ...shared, started_at: T, ended_at: T + 1.9 * SECOND, down_payload: 200, packets: 3 },
      { ...shared, started_at: T + 2.91 * SECOND, ended_at: T + 2.91 * SECOND, packets: 1 },
      { ...shared, started_at: T + 30 * SECOND, up_payload: 0, down_payload: 100, packets: 1 },
    ]);
    expect(flow).toMatchObject({ up_payload: 200, down_payload: 300 });
  });

  test('are none of an alert after a silence, whose bytes are payload of the flow all the same', () => {
    const { bursts, flow } = play([0, 'up', data], [60, 'up', alert]);
    expect(bursts).toMatchObject([{ started_at: T, ended_at: T, packets: 1 }]);
    expect(flow).toMatchObject({ up_payload: data.length + alert.length });
  });

  test('may begin in 1970, where captures without a clock are', () => {
    const { flow, bursts } = play([-T / SECOND, 'up', data]);
    expect(flow).toMatchObject({ up_payload: 100 });
    expect(bursts).toMatchObject([{ started_at: 0, ended_at: 0, up_payload: 100 }]);
  });

  test('are of UDP too, but not of DNS', () => {
    const udp = (port: number) =>
      new RecordingProbe()
        .play(between(end('10.0.0.1', 40_000), end('198.51.100.7', port)).udp(T, 'up', new Uint8Array(20)))
        .finish();
    expect(udp(3478)).toMatchObject({ bursts: [{ up_payload: 20, packets: 1 }], flows: [{ up_payload: 20 }] });
    expect(udp(53)).toMatchObject({ bursts: [], flows: [{ up_payload: 20 }] });
  });
});
