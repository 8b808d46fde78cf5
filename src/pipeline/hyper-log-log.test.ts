import { describe, expect, test } from 'vitest';
import { HalfSipHash } from '../kit/half-sip-hash.ts';
import { addToHll, HLL_REGISTERS, packHll } from './hyper-log-log.ts';

const hash = new HalfSipHash(new Uint8Array(8).fill(3));
const hashOf = (value: number): number => {
  hash.add(value);
  return hash.digest();
};
const registersOf = (values: Iterable<number>): Uint8Array => {
  const registers = new Uint8Array(HLL_REGISTERS);
  for (const value of values) addToHll(registers, hashOf(value));
  return registers;
};
function* range(from: number, to: number): Generator<number> {
  for (let i = from; i < to; i++) yield i;
}

/** Flajolet et al. 2007, figure 3: the raw estimate, and linear counting where that is small. */
const estimate = (registers: Uint8Array): number => {
  const m = HLL_REGISTERS;
  const raw = ((0.7213 / (1 + 1.079 / m)) * m * m) / registers.reduce((sum, rank) => sum + 2 ** -rank, 0);
  const zeros = registers.filter((rank) => rank === 0).length;
  return raw <= 2.5 * m && zeros > 0 ? m * Math.log(m / zeros) : raw;
};

test.each([1, 10, 100, 1000, 3000, 10_000, 100_000, 1_000_000])('%i clients are estimated within 3 sigma', (n) => {
  const sigma = 1.04 / Math.sqrt(HLL_REGISTERS);
  expect(Math.abs(estimate(registersOf(range(0, n))) / n - 1)).toBeLessThan(3 * sigma);
});

test('the same client again changes nothing', () => {
  const registers = registersOf(range(0, 500));
  for (const value of range(0, 500)) addToHll(registers, hashOf(value));
  expect(registers).toEqual(registersOf(range(0, 500)));
});

test('the maximum of each register is that of the union', () => {
  const [a, b] = [registersOf(range(0, 3000)), registersOf(range(2000, 6000))];
  expect(a.map((rank, i) => Math.max(rank, b[i]!))).toEqual(registersOf(range(0, 6000)));
});

describe('ranks', () => {
  test.each([
    [0x00200000, 0, 1],
    [0x00000001, 0, 22],
    [0x00000000, 0, 23],
    [0xffffffff, 1023, 1],
    [0xffc00000, 1023, 23],
    [0x80400001 | 0, 513, 22],
  ])('hash %i: register %i, rank %i', (value, register, rank) => {
    const registers = new Uint8Array(HLL_REGISTERS);
    addToHll(registers, value);
    expect(packHll(registers)).toEqual([register * 64 + rank]);
  });

  test('are kept at their maximum', () => {
    const registers = new Uint8Array(HLL_REGISTERS);
    for (const value of [1, 0x00200000, 0x00400000]) addToHll(registers, value);
    expect(packHll(registers)).toEqual([22, 64 + 23]);
  });
});
