import { expect, test } from 'vitest';
import { Heap } from './heap.ts';
import { Random } from './random.ts';

test('what is added comes out in the order of its key, and equal keys in the order of arrival', () => {
  const random = new Random(1);
  const heap = new Heap<number>();
  const keys: number[] = [];
  const taken: number[] = [];
  const add = (): void => {
    const key = random.between(0, 50);
    heap.add(key, keys.length);
    keys.push(key);
  };
  for (let i = 0; i < 500; i++) add();
  while (heap.size > 0) {
    const { nextAt } = heap;
    const item = heap.take()!;
    expect(keys[item]).toBe(nextAt);
    taken.push(item);
  }
  expect(taken).toEqual(keys.map((_, i) => i).toSorted((a, b) => keys[a]! - keys[b]! || a - b));
  expect([heap.take(), heap.nextAt]).toEqual([undefined, Number.POSITIVE_INFINITY]);
});

test('adding and taking may alternate', () => {
  const random = new Random(2);
  const heap = new Heap<number>();
  const waiting: number[] = [];
  for (let i = 0; i < 2000; i++) {
    if (random.chance(0.6) || waiting.length === 0) {
      const key = random.unit();
      heap.add(key, key);
      waiting.push(key);
    } else {
      waiting.sort((a, b) => b - a);
      expect(heap.take()).toBe(waiting.pop());
    }
  }
});
