import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PoolRing } from './pool-ring.ts';
import { WordPool } from './word-pool.ts';

const inOrder = (ring: PoolRing): number[] => {
  const items: number[] = [];
  for (let item = ring.oldest; item !== 0; item = ring.after(item)) items.push(item);
  return items;
};

test('an empty ring has no oldest item', () => {
  expect(new PoolRing(new WordPool(2), 2, 0).oldest).toBe(0);
});

test('the ring keeps the order in which items were put, as a Set does, and the pool saves it', () => {
  const step = fc.record({ item: fc.integer({ min: 1, max: 600 }), put: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const pool = new WordPool(3);
      const ring = new PoolRing(pool, 3, 1);
      for (let i = 0; i < 600; i++) pool.take();
      const oracle = new Set<number>();
      for (const { item, put } of steps) {
        if (oracle.delete(item)) ring.remove(item);
        if (put) {
          ring.put(item);
          oracle.add(item);
        }
      }
      expect(inOrder(ring)).toEqual([...oracle]);
      const restored = new WordPool(3);
      restored.restore(pool.checkpoint());
      expect(inOrder(new PoolRing(restored, 3, 1))).toEqual([...oracle]);
    }),
    { numRuns: 50 },
  );
});
