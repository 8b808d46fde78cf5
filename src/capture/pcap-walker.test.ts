import { describe, expect, test } from 'vitest';
import { collectFrames, hex } from './encode.test-helper.ts';
import { PcapWalker } from './pcap-walker.ts';
import { Tally } from './tally.ts';

const walkAll = (text: string) => {
  const bytes = hex(text);
  const sink = collectFrames();
  const tally = new Tally();
  const walker = new PcapWalker(sink, tally);
  const consumed = walker.walk(bytes, new DataView(bytes.buffer), 0, bytes.length);
  return { frames: sink.frames, consumed, broken: walker.broken, needed: walker.needed, tally };
};

const littleHeader = 'd4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000';

describe('PcapWalker', () => {
  test('little-endian microseconds', () => {
    const { frames, consumed, tally } = walkAll(`${littleHeader}
      4ea16355 11de0300 04000000 3c000000 deadbeef
      4fa16355 00000000 00000000 05000000`);
    expect(frames).toEqual([
      { bytes: 'deadbeef', original: 60, at: 1_432_592_718_253_457, linkType: 1 },
      { bytes: '', original: 5, at: 1_432_592_719_000_000, linkType: 1 },
    ]);
    expect(consumed).toBe(60);
    expect(tally).toMatchObject({ packets: 2, firstAt: 1_432_592_718_253_457, lastAt: 1_432_592_719_000_000 });
  });

  test('big-endian nanoseconds, floored to microseconds', () => {
    const { frames } = walkAll(`a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000071
      5563a14e 0f1b80cf 00000002 00000002 cafe`);
    expect(frames).toEqual([{ bytes: 'cafe', original: 2, at: 1_432_592_718_253_460, linkType: 113 }]);
  });

  test('the modified variant, whose record headers are longer', () => {
    const { frames } = walkAll(`34cdb2a1 0200 0400 00000000 00000000 ffff0000 01000000
      01000000 02000000 01000000 01000000 03000000 0008 00 00 aa
      02000000 02000000 01000000 01000000 03000000 0008 00 00 bb`);
    expect(frames.map(({ bytes, at }) => [bytes, at])).toEqual([
      ['aa', 1_000_002],
      ['bb', 2_000_002],
    ]);
  });

  test('the original length and the seconds are unsigned, the link type leaves the frame check sequence out', () => {
    const { frames } = walkAll(`d4c3b2a1 0200 0400 00000000 00000000 ffff0000 65000024
      ffffffff 00000000 01000000 ffffffff aa`);
    expect(frames).toEqual([{ bytes: 'aa', original: 4_294_967_295, at: 4_294_967_295_000_000, linkType: 101 }]);
  });

  test('a record that is not whole is left alone, and its size is told', () => {
    const { frames, consumed, needed, broken } = walkAll(`${littleHeader} 01000000 00000000 04000000 04000000 aabbcc`);
    expect({ frames, consumed, needed, broken }).toEqual({ frames: [], consumed: 24, needed: 20, broken: undefined });
  });

  test('a record longer than any snapshot ends the capture', () => {
    const { consumed, broken } = walkAll(`${littleHeader} 01000000 00000000 01000400 01000400`);
    expect({ consumed, broken }).toEqual({ consumed: 24, broken: 'over-long-record' });
  });

  test('zeros after the last record end the capture', () => {
    const { frames, consumed, broken } = walkAll(`${littleHeader}
      01000000 00000000 01000000 01000000 aa ${'00'.repeat(64)}`);
    expect(frames).toHaveLength(1);
    expect({ consumed, broken }).toEqual({ consumed: 41, broken: 'zero-filled' });
  });

  test('an unknown major version ends it before the first record', () => {
    expect(walkAll(littleHeader.replace('0200', '0300')).broken).toBe('unsupported-version');
  });
});
