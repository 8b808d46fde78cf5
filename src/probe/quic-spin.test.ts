import { describe, expect, test } from 'vitest';
import { between, end, type ProbeRow, RecordingProbe } from '../../test/recording-probe.ts';
import { Random } from '../kit/random.ts';
import { SECOND } from '../kit/time.ts';
import type { Direction, Frame } from '../synth/frame.ts';
import { opaque } from '../synth/payload.ts';
import { type QuicScript, quicConnection } from '../synth/quic-connection.ts';
import { toOpaqueLong, toShortHead } from '../synth/quic-packet.ts';

const T = Date.UTC(2023, 1, 22, 18) * 1000;
const phone = end('10.0.0.1', 40_000);
const server = end('198.51.100.7', 443);

const framesOf = (more: Partial<QuicScript>): Frame[] => {
  const { frames } = quicConnection({
    path: { client: phone, server, clientTtl: 63, serverTtl: 52 },
    at: T,
    serverRttUs: 20_000,
    clientRttUs: 30_000,
    hello: { serverName: 'media.fra3-1.fna.whatsapp.net', alpn: ['h3'] },
    turns: [
      { direction: 'up', payload: opaque(400) },
      { direction: 'down', payload: opaque(2_000_000), bytesPerSecond: 1_000_000 },
    ],
    random: new Random(1),
    ...more,
  });
  return [...{ [Symbol.iterator]: () => frames }];
};

const flowOf = (frames: readonly Frame[]): ProbeRow => new RecordingProbe().play(...frames).finish().flows[0]!;

describe('in a download of two seconds', () => {
  test('a sample of each side comes with every turn, and none is less than the truth or a quarter more', () => {
    const flow = flowOf(framesOf({}));
    expect(flow.server_rtt_us).toBe(20_000);
    // A handshake, and 40 periods of 50 ms less those of the trial.
    for (const side of ['server', 'client'] as const) {
      const trueUs = side === 'server' ? 20_000 : 30_000;
      expect(flow[`${side}_rtt_samples`]).toBeGreaterThan(30);
      expect(flow[`${side}_rtt_samples`]).toBeLessThan(41);
      expect(flow[`${side}_rtt_min_us`]).toBe(trueUs);
      expect(flow[`${side}_rtt_avg_us`]).toBeGreaterThanOrEqual(trueUs);
      expect(flow[`${side}_rtt_avg_us`]).toBeLessThan(1.25 * trueUs);
    }
  });

  test.each(['still', 'random'] as const)('a bit that is %s gives none but those of the handshake', (spin) => {
    expect(flowOf(framesOf({ spin }))).toMatchObject({ server_rtt_samples: 1, client_rtt_samples: 1 });
  });

  test('seen in one direction only gives none', () => {
    const oneWay = framesOf({}).filter(({ bytes }, i) => i < 5 || bytes[26] === 10);
    expect(flowOf(oneWay)).toMatchObject({ server_rtt_samples: 1, client_rtt_samples: 1 });
  });

  test('packets that were overtaken now and then cost samples, and make none that are too small', () => {
    const frames = framesOf({});
    const random = new Random(5);
    const times = frames.map(({ at }) => at);
    // Two neighbours change places behind the handshake.
    for (let i = 10; i + 1 < frames.length; i++) {
      if (random.chance(0.01)) [frames[i], frames[i + 1]] = [frames[i + 1]!, frames[i]!];
    }
    const flow = flowOf(frames.map((frame, i) => ({ ...frame, at: times[i]! })));
    expect(flow.server_rtt_samples).toBeGreaterThan(10);
    expect(flow.server_rtt_min_us).toBeGreaterThan(19_000);
    expect(flow.client_rtt_min_us).toBeGreaterThan(29_000);
  });
});

test('ends that say little tell no time: the bit waits for what they have to say', () => {
  const turns = Array.from({ length: 40 }, (_, i) => ({
    direction: i % 2 ? ('down' as const) : ('up' as const),
    payload: opaque(100),
    afterUs: 2 * SECOND,
  }));
  expect(flowOf(framesOf({ turns }))).toMatchObject({ server_rtt_samples: 1, client_rtt_samples: 1 });
});

describe('where the end that began is the server of the flow', () => {
  test('the bit is turned from there, and each side keeps its times', () => {
    // The local nets say that the end which answers is the client.
    const path = { client: end('203.0.113.9', 50_000), server: end('10.0.0.9', 8999), clientTtl: 50, serverTtl: 63 };
    expect(flowOf(framesOf({ path }))).toMatchObject({
      client_ip: '10.0.0.9',
      server_rtt_us: 30_000,
      client_rtt_us: 20_000,
      server_rtt_min_us: 30_000,
      client_rtt_min_us: 20_000,
    });
  });
});

describe('edges by hand', () => {
  const builder = between(phone, server);
  const id = Buffer.from('8394c8f03e515708', 'hex');
  const begin = builder.udp(T, 'up', toOpaqueLong('handshake', id, id, 100, new Random(1)));
  const settle = builder.udp(T + 1, 'up', Buffer.alloc(20, 0x40));
  /** Runs of packets 1 ms apart: direction, bit, first and last of them in milliseconds. */
  const runs = (...list: readonly (readonly [Direction, number, number, number])[]): Frame[] => {
    const frames = list.flatMap(([direction, spin, first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) =>
        builder.udp(T + (first + i) * 1000, direction, toShortHead(id, spin, i)),
      ),
    );
    return [begin, settle, ...frames.sort((a, b) => a.at - b.at)];
  };
  /** 20 ms to the server and back, 30 ms to the client and back. */
  const period = (from: number, value: number) =>
    [
      ['up', value, from, from + 49],
      ['down', value, from + 20, from + 69],
    ] as const;
  const before = [
    ['up', 0, 10, 49],
    ['down', 0, 10, 69],
  ] as const;
  const samples = (...frames: Frame[]) => {
    const flow = flowOf(frames);
    return [flow.server_rtt_samples, flow.server_rtt_min_us, flow.client_rtt_samples, flow.client_rtt_min_us];
  };

  test('two periods are the trial, from the third on each is a sample', () => {
    expect(samples(...runs(...before, ...period(50, 1), ...period(100, 0)))).toEqual([0, null, 0, null]);
    expect(samples(...runs(...before, ...period(50, 1), ...period(100, 0), ...period(150, 1)))).toEqual([
      1, 20_000, 1, 30_000,
    ]);
  });

  test('a turn that nobody answered breaks the order, and the trial begins anew', () => {
    const spinning = [...before, ...period(50, 1), ...period(100, 0), ...period(150, 1), ...period(200, 0)];
    expect(samples(...runs(...spinning))).toEqual([2, 20_000, 2, 30_000]);
    // A turn in order, which is a sample, and taken back before it was reflected.
    const broken = [...spinning, ['up', 1, 252, 252] as const, ['up', 0, 253, 253] as const];
    const after = [...period(260, 1), ...period(310, 0)];
    expect(samples(...runs(...broken, ...after))).toEqual([2, 20_000, 3, 30_000]);
    expect(samples(...runs(...broken, ...after, ...period(360, 1)))).toEqual([3, 20_000, 4, 30_000]);
  });
});
