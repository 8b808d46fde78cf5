import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interfaceClock } from './interface-clock.ts';

const halves = (ticks: bigint): [number, number] => [Number(ticks >> 32n), Number(ticks & 0xffffffffn)];

describe('interfaceClock', () => {
  test.each([
    [6, 0, 1_432_582_222_253_233n, 1_432_582_222_253_233],
    [9, 0, 1_432_582_222_253_233_999n, 1_432_582_222_253_233],
    [3, 0, 1_432_582_222_253n, 1_432_582_222_253_000],
    [0, 0, 1_432_582_222n, 1_432_582_222_000_000],
    [12, 0, 1_432_582_222_253_233_999n, 1_432_582_222_253],
    [18, 0, 9_223_372_036_854_775_807n, 9_223_372],
    [0x80 | 20, 0, (1_432_582_222n << 20n) | 0x80000n, 1_432_582_222_500_000],
    [0x80, 0, 1_432_582_222n, 1_432_582_222_000_000],
    [9, 3600, 1_999n, 3_600_000_001],
    [6, -60, 60_000_001n, 1],
    [0xff, 0, 2n ** 64n - 1n, 0],
    [0x7f, 0, 2n ** 64n - 1n, 0],
  ])('if_tsresol %i, if_tsoffset %i: %s ticks are at %i', (resolution, offset, ticks, at) => {
    expect(interfaceClock(resolution, offset)(...halves(ticks))).toBe(at);
  });

  test('is exact, and floors, for every power of ten up to picoseconds, as far as event time goes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
        fc.bigInt({ min: 0n, max: 999_999n }),
        (exponent, at, rest) => {
          // Ticks that fall somewhere into the microsecond `at`, or exactly on the tick before it.
          const ticks =
            exponent <= 6
              ? at / 10n ** BigInt(6 - exponent)
              : at * 10n ** BigInt(exponent - 6) + (rest % 10n ** BigInt(exponent - 6));
          fc.pre(ticks < 2n ** 64n);
          const expected = exponent <= 6 ? ticks * 10n ** BigInt(6 - exponent) : ticks / 10n ** BigInt(exponent - 6);
          expect(interfaceClock(exponent, 0)(...halves(ticks))).toBe(Number(expected));
        },
      ),
      { seed: 9, numRuns: 500 },
    );
  });
});
