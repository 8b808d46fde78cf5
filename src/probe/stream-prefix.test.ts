import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamPrefix } from './stream-prefix.ts';

const MAX = 1000;
const text = (stream: StreamPrefix): string => Buffer.from(stream.bytes.subarray(0, stream.length)).toString('latin1');
const add = (stream: StreamPrefix, sequence: number, content: string): boolean =>
  stream.add(sequence | 0, Buffer.from(content, 'latin1'), 0, content.length);

describe('segments', () => {
  test('in order grow the prefix', () => {
    const stream = new StreamPrefix(100, MAX);
    expect([add(stream, 100, 'abc'), add(stream, 103, 'de')]).toEqual([true, true]);
    expect(text(stream)).toBe('abcde');
  });

  test('ahead wait until the gap is filled', () => {
    const stream = new StreamPrefix(100, MAX);
    expect([add(stream, 106, 'gh'), add(stream, 103, 'def'), text(stream)]).toEqual([false, false, '']);
    expect(add(stream, 100, 'abc')).toBe(true);
    expect(text(stream)).toBe('abcdefgh');
  });

  test('that repeat or overlap add only what is new', () => {
    const stream = new StreamPrefix(100, MAX);
    add(stream, 100, 'abcd');
    expect([add(stream, 100, 'abcd'), add(stream, 98, 'yz')]).toEqual([false, false]);
    expect([add(stream, 102, 'cdef'), text(stream)]).toEqual([true, 'abcdef']);
  });

  test('over the end of the sequence space go on at 0', () => {
    const stream = new StreamPrefix(0xfffffffe | 0, MAX);
    add(stream, 1, 'de');
    add(stream, 0xfffffffe, 'abc');
    expect(text(stream)).toBe('abcde');
  });

  test('are copied: what becomes of the buffer does not matter', () => {
    const stream = new StreamPrefix(0, MAX);
    const buffer = Buffer.from('xxdefxx');
    stream.add(3, buffer, 2, 5);
    buffer.fill(0);
    add(stream, 0, 'abc');
    expect(text(stream)).toBe('abcdef');
  });

  test('that are empty do nothing', () => {
    const stream = new StreamPrefix(0, MAX);
    expect([add(stream, 0, ''), add(stream, 50, ''), add(stream, -3, ''), stream.heldBytes]).toEqual([
      false,
      false,
      false,
      0,
    ]);
  });
});

test('consumed bytes make room, and the stream goes on behind them', () => {
  const stream = new StreamPrefix(0, 8);
  add(stream, 0, 'abcdef');
  stream.skip(4);
  expect(text(stream)).toBe('ef');
  expect([add(stream, 6, 'ghijkl'), text(stream), stream.broken]).toEqual([true, 'efghijkl', false]);
});

describe('bounds', () => {
  test('the prefix holds as many bytes as it may, then the stream is broken', () => {
    const stream = new StreamPrefix(0, 8);
    expect(add(stream, 0, 'abcdefghij')).toBe(true);
    expect([text(stream), stream.broken]).toEqual(['abcdefgh', true]);
    expect([add(stream, 8, 'ij'), text(stream)]).toEqual([false, 'abcdefgh']);
  });

  test.each([
    ['a segment too far ahead', [[6, 'abc']]],
    [
      'more bytes that wait than the prefix may have',
      [
        [1, 'abcde'],
        [2, 'bcdef'],
      ],
    ],
  ] as const)('%s breaks the stream', (_, segments) => {
    const stream = new StreamPrefix(0, 8);
    for (const [sequence, content] of segments) add(stream, sequence, content);
    expect(stream.broken).toBe(true);
    expect(stream.heldBytes).toBeLessThanOrEqual(8);
  });

  test('so do 129 pieces without an end, but not 129 that are consumed', () => {
    const dripping = new StreamPrefix(0, MAX);
    const read = new StreamPrefix(0, MAX);
    for (let i = 0; i < 129; i++) {
      expect(dripping.broken).toBe(false);
      add(dripping, i, 'x');
      add(read, i, 'x');
      read.skip(1);
    }
    expect([dripping.broken, dripping.length, read.broken]).toEqual([true, 128, false]);
  });

  test('repeated segments are no pieces', () => {
    const stream = new StreamPrefix(0, MAX);
    add(stream, 0, 'abc');
    for (let i = 0; i < 1000; i++) add(stream, 2, 'c');
    expect(stream.broken).toBe(false);
  });

  test('no order of segments holds more than twice the bound, beside the growth of the prefix', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -50, max: 2000 }), fc.nat(300))), (segments) => {
        const stream = new StreamPrefix(0, MAX);
        for (const [sequence, count] of segments) {
          stream.add(sequence, new Uint8Array(count), 0, count);
          expect(stream.length).toBeLessThanOrEqual(MAX);
          expect(stream.heldBytes).toBeLessThanOrEqual(3 * MAX);
        }
      }),
    );
  });
});

test('a stream cut, mixed, doubled and overlapping at random is put together as a list of bytes would be', () => {
  const content = Buffer.from(Array.from({ length: 600 }, (_, i) => (i * 7 + (i >> 8)) & 255));
  const segment = fc.record({ from: fc.nat(599), count: fc.integer({ min: 1, max: 120 }) });
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 100 }),
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.nat(50),
      (segments, first, padding) => {
        const stream = new StreamPrefix(first, 1 << 16);
        const seen = new Uint8Array(content.length);
        for (const { from, count } of segments) {
          const end = Math.min(from + count, content.length);
          // The segment lies inside of a larger buffer, as in a frame.
          const frame = Buffer.alloc(padding + count + 10, 0xee);
          frame.set(content.subarray(from, end), padding);
          const before = stream.length;
          const grew = stream.add((first + from) | 0, frame, padding, padding + end - from);
          seen.fill(1, from, end);
          const known = seen.indexOf(0);
          const expected = content.subarray(0, known < 0 ? content.length : known);
          expect(Buffer.compare(stream.bytes.subarray(0, stream.length), expected)).toBe(0);
          expect(grew).toBe(expected.length > before);
        }
        expect(stream.broken).toBe(false);
      },
    ),
    { numRuns: 500 },
  );
});
