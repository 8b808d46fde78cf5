import { expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import { WindowLog } from './window-log.ts';

test('a window knows its attempts, and of the last one what its inputs held, and in which snapshot', () => {
  const log = new WindowLog(60, 2);
  expect([log.note(120, 1, [5, 6], 4), log.note(120, 1, [7, 8], 5), log.note(120, 3, [7, 8], 9)]).toEqual([
    true,
    false,
    true,
  ]);
  expect([log.attempts(120), log.mark(120, 0), log.mark(120, 1), log.snapshot(120)]).toEqual([3, 7, 8, 9]);
  expect([log.attempts(180), log.mark(180, 1)]).toEqual([0, 0]);
  expect(log.snapshot(1e9)).toBe(-1);
});

test('windows far apart are found as if they were listed', () => {
  const seed = 20140222;
  const random = new Random(seed);
  const log = new WindowLog(60, 1);
  const listed = new Map<number, number>();
  for (let i = 0; i < 300; i++) {
    const start = 60 * (random.between(-3, 3) * 1e6 + random.between(0, 40));
    listed.set(start, (listed.get(start) ?? 0) + 1);
    log.note(start, listed.get(start)!, [i], i);
  }
  const starts = [...listed.keys()].sort((a, b) => a - b);
  for (let i = 0; i < 500; i++) {
    const from = 60 * (random.between(-4, 4) * 1e6) + random.between(-100, 3000);
    const until = from + random.between(0, 60 * 3e6);
    expect(log.next(from), `seed ${seed}`).toBe(starts.find((start) => start >= from) ?? Number.POSITIVE_INFINITY);
    const sum = starts
      .filter((start) => start >= from && start < until)
      .reduce((n, start) => n + listed.get(start)!, 0);
    expect(log.sum(from, until), `seed ${seed}`).toBe(sum);
  }
  expect(log.end).toBe(starts.at(-1)! + 60);
  expect(new WindowLog(60, 1).end).toBe(Number.NEGATIVE_INFINITY);
});
