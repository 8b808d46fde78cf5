import { expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import type { Frame } from './frame.ts';
import { type Opening, play } from './play.ts';

const bytes = new Uint8Array(1);

test.each([1, 2, 3])(
  'seed %d: overlapping flows come out in the order of time, each whole and in its own order',
  (seed) => {
    const random = new Random(seed);
    let open = 0;
    let mostOpen = 0;
    function* flow(at: number, id: number): Generator<Frame> {
      mostOpen = Math.max(mostOpen, ++open);
      for (let i = 0; i < 20; i++) yield { at: at + i * random.between(0, 9), bytes, length: 1000 * id + i };
      open--;
    }
    function* source(first: number): Generator<Opening> {
      for (let i = 0, at = 0; i < 50; i++) {
        at += random.between(0, 40);
        yield { at, frames: sorted(flow(at, first + i)) };
      }
    }
    const played = [...play([source(0), source(50), source(100)])];
    expect(played).toHaveLength(150 * 20);
    const times = played.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(played.map(({ length }) => length)).size).toBe(150 * 20);
    expect(mostOpen).toBeLessThan(60);
  },
);

function* sorted(frames: Iterable<Frame>): Generator<Frame> {
  yield* [...frames].sort((a, b) => a.at - b.at);
}

test('no source, or one without flows, plays nothing', () => {
  expect([...play([])]).toEqual([]);
  expect([...play([[].values()])]).toEqual([]);
});
