import { expect, test } from 'vitest';
import { guessClass, type SchemeTraffic } from './guess-class.ts';

const traffic = (flows: number, more: Partial<SchemeTraffic> = {}): SchemeTraffic => ({
  flows,
  lingering: 0,
  ports: new Map([['tcp 443', flows]]),
  up: [{ value: 800, count: flows }],
  down: [{ value: 900, count: flows }],
  ...more,
});

test('signs that agree make each other surer, and the word names the class', () => {
  const large = { down: [{ value: 60_000, count: 100 }] };
  const alone = guessClass('n1.chatter.example', traffic(100, large));
  const both = guessClass('photo1.chatter.example', traffic(100, large));
  expect(alone).toMatchObject({ class: 'media', reason: '100 % of the flows carry 20 kB or more down' });
  expect(alone.confidence).toBeCloseTo(0.8 * 0.963, 3);
  expect(both.class).toBe('image');
  expect(both.confidence).toBeCloseTo(1 - 0.3 * (1 - alone.confidence), 6);
});

test('signs that disagree weaken the stronger one', () => {
  const guess = guessClass('photo1.chatter.example', traffic(100, { lingering: 100 }));
  expect(guess).toMatchObject({
    class: 'chat',
    reason: '100 % of the flows linger over two minutes at under 100 B/s; against it the word photo, as of image',
  });
  expect(guess.confidence).toBeCloseTo(0.9 * 0.963 * 0.3, 3);
});

test('few flows say little', () => {
  const sure = (flows: number): number =>
    guessClass('n.chatter.example', traffic(flows, { lingering: flows })).confidence;
  expect(sure(1)).toBeLessThan(0.2);
  expect(sure(1)).toBeLessThan(sure(10));
  expect(sure(10)).toBeLessThan(sure(1000));
});

test('words of the registrable domain tell no class, and neither do parts of words', () => {
  expect(guessClass('n1.video.example', traffic(5)).class).toBe('control');
  expect(guessClass('imgur9.chatter.example', traffic(5)).reason).not.toContain('word');
});

test('flows without sizes leave the word, or nothing', () => {
  const unmeasured = { up: [], down: [] };
  expect(guessClass('api.chatter.example', traffic(5, unmeasured))).toEqual({
    class: 'control',
    reason: 'the word api',
    confidence: 0.7,
  });
  expect(guessClass('n1.chatter.example', traffic(5, unmeasured))).toEqual({
    class: 'other',
    reason: 'nothing tells',
    confidence: 0,
  });
});
