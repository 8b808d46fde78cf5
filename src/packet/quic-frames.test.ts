import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InitialFrames } from './quic-frames.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const decode = (payload: Uint8Array, dialect?: 'ietf' | 'google') => {
  const frames = new InitialFrames();
  if (!frames.decode(payload, dialect)) return undefined;
  const { pieces, offsets, starts, ends, acknowledges } = frames;
  const text = (i: number): string => Buffer.from(payload.subarray(starts[i], ends[i])).toString('hex');
  return { pieces: Array.from({ length: pieces }, (_, i) => [offsets[i], text(i)]), acknowledges };
};

describe('the frames of an Initial packet', () => {
  test.each([
    ['nothing but padding', '000000', [], false],
    ['a piece between pings and padding', '01 00 06 00 02 abcd 00 01', [[0, 'abcd']], false],
    ['pieces in any order', '06 4100 01 ee 06 00 02 abcd', [[256, 'ee'], [0, 'abcd']], false], // biome-ignore format: a table
    ['an acknowledgement', '02 00 00 00 00', [], true],
    ['an acknowledgement of three ranges, then a piece', '02 0a 4123 02 01 00 01 02 03 06 00 01 ff', [[0, 'ff']], true],
    ['an acknowledgement with marks of congestion', '03 05 00 00 05 01 02 03 00', [], true],
    ['the end of the connection, with a reason', '1c 0a 00 03 616263 00', [], false],
  ])('%s', (_, payload, pieces, acknowledges) => {
    expect(decode(hex(payload))).toEqual({ pieces, acknowledges });
  });

  test.each([
    ['a frame of another level', '08 00'],
    ['a piece that is cut', '06 00 03 abcd'],
    ['a piece without a length', '06 00'],
    ['an acknowledgement that is cut', '02 00 00 00'],
    ['more ranges than there are bytes', '02 00 00 3f 00'],
    ['a reason that is cut', '1c 0a 00 03 6162'],
  ])('are none: %s', (_, payload) => {
    expect(decode(hex(payload))).toBeUndefined();
  });

  test('are none if there are more pieces than a client would make', () => {
    expect(decode(hex('06 00 00'.repeat(256)))?.pieces).toHaveLength(256);
    expect(decode(hex('06 00 00'.repeat(257)))).toBeUndefined();
  });

  test("in Google's way", () => {
    expect(decode(hex('08 00 02 abcd 07 00'), 'google')).toEqual({ pieces: [[0, 'abcd']], acknowledges: false });
    expect(decode(hex('40 01 08c5 01 00 08 00 01 ee'), 'google')).toEqual({ pieces: [[0, 'ee']], acknowledges: true });
    // Two more blocks, each behind a gap, and two times of arrival.
    expect(decode(hex('60 09 0000 02 01 01 02 03 04 02 0101020304 010203 07'), 'google')).toMatchObject({
      acknowledges: true,
    });
    expect(decode(hex('06 00 02 abcd'), 'google')).toBeUndefined();
    expect(decode(hex('40 01 08c5'), 'google')).toBeUndefined();
  });

  test('of any bytes stay in their bounds', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom('ietf' as const, 'google' as const),
        (bytes, dialect) => {
          const frames = new InitialFrames();
          if (!frames.decode(bytes, dialect)) return;
          for (let i = 0; i < frames.pieces; i++) {
            expect(frames.starts[i]).toBeLessThanOrEqual(frames.ends[i]!);
            expect(frames.ends[i]).toBeLessThanOrEqual(bytes.length);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
