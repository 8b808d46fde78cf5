import { expect, test } from 'vitest';
import { SECOND } from '../kit/time.ts';
import { Allowance } from './allowance.ts';

const T = 1_392_746_400_000_000;

/** How many can be taken at a time, at most `most`. */
const takeAll = (allowance: Allowance, at: number, most = 1000): number => {
  let taken = 0;
  for (; taken < most && allowance.has(at); taken++) allowance.take();
  return taken;
};

test('gives what a second is worth at once, and then as time passes', () => {
  const allowance = new Allowance(100);
  expect(takeAll(allowance, T)).toBe(100);
  expect(takeAll(allowance, T)).toBe(0);
  expect(takeAll(allowance, T + SECOND / 4)).toBe(25);
  expect(takeAll(allowance, T + SECOND / 4 + 10_000)).toBe(1);
});

test('does not save up more than a second', () => {
  const allowance = new Allowance(100);
  takeAll(allowance, T);
  expect(takeAll(allowance, T + 1000 * SECOND)).toBe(100);
});

test('time that goes back gives nothing, and forward again no more than was passed', () => {
  const allowance = new Allowance(100);
  takeAll(allowance, T);
  expect(takeAll(allowance, T - SECOND)).toBe(0);
  expect(takeAll(allowance, T)).toBe(0);
  expect(takeAll(allowance, T + SECOND / 2)).toBe(50);
});
