import { describe, expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import { MINUTE, SECOND } from '../kit/time.ts';
import { measureTurns } from './measure-turns.ts';
import { Meter } from './meter.ts';
import { literal, opaque } from './payload.ts';
import { type TcpScript, type Turn, tcpSegments } from './tcp-segments.ts';

const BURST_IDLE_US = SECOND;

const payloadOf = (random: Random, isFirst: boolean) => {
  if (isFirst && random.chance(0.4)) return literal(random.bytes(random.between(1, 3000)), { sni: 'e1.whatsapp.net' });
  return opaque(random.between(1, random.pick([20, 1380, 4000, 60_000])));
};

const randomScript = (seed: number): TcpScript => {
  const random = new Random(seed);
  const turns = Array.from({ length: random.between(0, 12) }, (_, i): Turn => {
    const direction = i === 0 || random.chance(0.5) ? 'up' : 'down';
    return {
      direction,
      payload: payloadOf(random, i === 0),
      ...(random.chance(0.8) && { afterUs: random.pick([0, 1, 40, 80_000, 900_000, SECOND, 3 * MINUTE]) }),
      ...(random.chance(0.5) && { bytesPerSecond: random.between(900, 300_000) }),
      ...(random.chance(0.2) && { segmentBytes: random.between(200, 1400) }),
    };
  });
  return {
    path: {
      client: { address: Uint8Array.of(10, 0, 0, 1), port: random.between(1024, 65_535) },
      server: { address: Uint8Array.of(50, 22, 1, 1), port: 443 },
      clientTtl: 63,
      serverTtl: 50,
    },
    at: 1_392_700_000_000_000 + random.between(0, MINUTE),
    serverRttUs: random.between(1000, 200_000),
    clientRttUs: random.between(1000, 400_000),
    turns,
    ...(random.chance(0.8) && {
      close: {
        by: random.pick(['up', 'down']),
        how: random.pick(['fin', 'rst']),
        afterUs: random.pick([1, 2000, 15 * MINUTE]),
      },
    }),
  };
};

const bySegments = (script: TcpScript): Meter => {
  const meter = new Meter(script.path, BURST_IDLE_US);
  for (const segment of tcpSegments(script)) meter.read(segment);
  return meter;
};

describe('a connection is measured from its script as from its segments', () => {
  test.each(Array.from({ length: 400 }, (_, seed) => seed))('seed %i', (seed) => {
    const script = randomScript(seed);
    const measured = measureTurns(script, BURST_IDLE_US);
    const expected = bySegments(script);
    const names = Object.keys(measured) as (keyof typeof measured)[];
    expect(measured).toEqual(Object.fromEntries(names.map((name) => [name, expected[name]])));
  });
});
