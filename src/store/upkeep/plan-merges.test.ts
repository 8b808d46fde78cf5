import { expect, test } from 'vitest';
import type { Segment } from '../delta/segment.ts';
import { SEGMENT_BYTES } from '../delta/segment-sink.ts';
import { planMerges } from './plan-merges.ts';

const segment = (file: string, parts: Partial<Segment> = {}): Segment => ({
  file,
  bytes: 1000,
  rows: 10,
  sha256: 'ab',
  columns: 92,
  times: { reported_at: [0, 1] },
  hours: undefined,
  addedAt: 0,
  transaction: undefined,
  ...parts,
});

const planned = (segments: readonly Segment[]) =>
  planMerges(segments, 92).map((group) => group.map(({ file }) => file));

test('small segments become one, in the order of their times', () => {
  const at = (file: string, start: number) => segment(file, { times: { reported_at: [start, start + 10] } });
  expect(planned([at('c', 30), at('a', 10), at('b', 20)])).toEqual([['a', 'b', 'c']]);
});

test('one alone stays, and so does what is large, or of another program', () => {
  expect(planned([segment('a')])).toEqual([]);
  expect(planned([segment('a'), segment('b', { bytes: SEGMENT_BYTES / 2 })])).toEqual([]);
  expect(planned([segment('a'), segment('b', { rows: undefined })])).toEqual([]);
  expect(planned([segment('a'), segment('b', { sha256: undefined })])).toEqual([]);
});

test('a merged segment has at most the usual size, and at least half of it unless it is the last', () => {
  const segments = Array.from({ length: 1000 }, (_, i) => segment(String(i), { bytes: 20_000 * (1 + (i % 20)) }));
  const sizes = planMerges(segments, 92).map((group) => group.reduce((sum, { bytes }) => sum + bytes, 0));
  expect(sizes.length).toBeGreaterThan(5);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(SEGMENT_BYTES);
  expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(SEGMENT_BYTES / 2);
});

test('segments of a newer program stay, for this one does not know all of their columns', () => {
  const newer = { columns: 93 };
  expect(planned([segment('a', newer), segment('b', newer)])).toEqual([]);
});

test('segments that hold other columns are merged among themselves', () => {
  const old = { columns: 90 };
  expect(planned([segment('a'), segment('b', old), segment('c'), segment('d', old)])).toEqual([
    ['b', 'd'],
    ['a', 'c'],
  ]);
});
