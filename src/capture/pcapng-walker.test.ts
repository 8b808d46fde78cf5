import { describe, expect, test } from 'vitest';
import {
  collectFrames,
  concat,
  encodeBlock,
  encodeEnhanced,
  encodeInterface,
  encodeOption,
  encodeSection,
  hex,
  numbers,
} from './encode.test-helper.ts';
import { PcapngWalker } from './pcapng-walker.ts';
import { Tally } from './tally.ts';

const walkAll = (bytes: Uint8Array) => {
  const sink = collectFrames();
  const tally = new Tally();
  const walker = new PcapngWalker(sink, tally);
  const consumed = walker.walk(bytes, new DataView(bytes.buffer), 0, bytes.length);
  const { broken, dropped, endedAt } = walker;
  return { frames: sink.frames, rest: bytes.length - consumed, broken, dropped, endedAt, tally };
};

const aa = { bytes: hex('aa'), original: 1500 };
const bb = { bytes: hex('bb'), original: 1 };

describe('PcapngWalker', () => {
  test('literal bytes: section, interface in nanoseconds, enhanced packet', () => {
    const { frames, rest } = walkAll(
      hex(`0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
           01000000 1c000000 1401 0000 00000400 0900 0100 09000000 1c000000
           06000000 24000000 00000000 e9bde113 60e71601 03000000 3c000000 c0ffee00 24000000`),
    );
    expect(frames).toEqual([
      {
        bytes: 'c0ffee',
        original: 60,
        at: Number(0x13e1bde90116e760n / 1000n),
        linkType: 276,
      },
    ]);
    expect(rest).toBe(0);
  });

  test('literal bytes in the other byte order: old packet block with its drop count, simple packet cut at the snapshot length', () => {
    const { frames, dropped, tally } = walkAll(
      hex(`0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
           00000001 00000014 0001 0000 00000002 00000014
           00000002 00000024 0000 0007 00051700 00000001 00000001 00000001 aa000000 00000024
           00000003 00000014 00000009 bbcc0000 00000014`),
    );
    expect(frames).toEqual([
      { bytes: 'aa', original: 1, at: 0x51700 * 2 ** 32 + 1, linkType: 1 },
      { bytes: 'bbcc', original: 9, at: 0x51700 * 2 ** 32 + 1, linkType: 1 },
    ]);
    expect(dropped).toBe(7);
    expect(tally).toMatchObject({ packets: 2, untimed: 1 });
  });

  test('each packet has the link type, the clock and the offset of its own interface', () => {
    const { frames } = walkAll(
      concat([
        encodeSection(),
        encodeInterface({ linkType: 1 }),
        encodeInterface({ linkType: 101, resolution: 9 }),
        encodeInterface({ linkType: 113, resolution: 0x80 | 10, offsetSeconds: 1000n }),
        encodeInterface({ linkType: 228, offsetSeconds: -1n }),
        encodeEnhanced(true, 3, 1_000_007n, aa),
        encodeEnhanced(true, 2, 512n, aa),
        encodeEnhanced(true, 1, 5_999n, aa),
        encodeEnhanced(true, 0, 5n, aa),
      ]),
    );
    expect(frames.map(({ linkType, at }) => [linkType, at])).toEqual([
      [228, 7],
      [113, 1_000_500_000],
      [101, 5],
      [1, 5],
    ]);
  });

  test('a section starts with no interfaces and may have another byte order', () => {
    const { frames, tally } = walkAll(
      concat([
        encodeSection(true),
        encodeInterface({ linkType: 1 }),
        encodeEnhanced(true, 0, 1n, aa),
        encodeSection(false),
        encodeEnhanced(false, 0, 2n, aa),
        encodeInterface({ little: false, linkType: 101 }),
        encodeEnhanced(false, 0, 3n, bb),
      ]),
    );
    expect(frames).toEqual([
      { bytes: 'aa', original: 1500, at: 1, linkType: 1 },
      { bytes: 'bb', original: 1, at: 3, linkType: 101 },
    ]);
    expect(tally.undelivered).toEqual({ 'unknown-interface': 1 });
  });

  test('the end of the capture is the latest time of statistics, on the clock of their interface', () => {
    const statistics = (id: number, ticks: bigint) =>
      encodeBlock(true, 5, numbers(true, [id, 4], [ticks >> 32n, 4], [ticks & 0xffffffffn, 4]));
    const head = [encodeSection(), encodeInterface({ resolution: 9 }), encodeInterface()];
    expect(walkAll(concat(head)).endedAt).toBeUndefined();
    expect(walkAll(concat([...head, statistics(0, 7_000_000_000_999n), statistics(1, 6_999_999_999n)])).endedAt).toBe(
      7_000_000_000,
    );
    // An impossible time, and an interface that is none, say nothing.
    expect(walkAll(concat([...head, statistics(1, 2n ** 63n), statistics(5, 1n)])).endedAt).toBeUndefined();
  });

  describe('losses', () => {
    const count = (code: number, value: number) => encodeOption(true, code, numbers(true, [value, 8]));
    const statistics = (id: number, ...options: readonly Uint8Array[]) =>
      encodeBlock(true, 5, numbers(true, [id, 4], [0, 8]), ...options);
    const head = [encodeSection(), encodeInterface(), encodeInterface()];

    test('are unknown where nothing is said, which is not zero', () => {
      expect(walkAll(concat([...head, encodeEnhanced(true, 0, 1n, aa), statistics(0)])).dropped).toBeUndefined();
      expect(walkAll(concat([...head, statistics(0, count(5, 0))])).dropped).toBe(0);
    });

    test('are not believed where more packets are lost than any capture has', () => {
      const damaged = encodeOption(true, 5, numbers(true, [0, 4], [0x80000000, 4]));
      expect(walkAll(concat([...head, statistics(0, damaged)])).dropped).toBeUndefined();
      expect(walkAll(concat([...head, statistics(0, damaged, count(7, 2))])).dropped).toBe(2);
    });

    test('are the latest statistics of each interface, by interface and system', () => {
      const blocks = [
        statistics(0, count(5, 3)),
        statistics(1, count(5, 100)),
        statistics(0, count(5, 4), count(7, 2)),
      ];
      expect(walkAll(concat([...head, ...blocks])).dropped).toBe(106);
    });

    test('add up over packets, and are the larger one where statistics tell of them too', () => {
      const packets = [
        encodeEnhanced(true, 0, 1n, aa, encodeOption(true, 2, hex('00000001')), count(4, 3)),
        encodeEnhanced(true, 0, 2n, bb, count(4, 4)),
      ];
      expect(walkAll(concat([...head, ...packets])).dropped).toBe(7);
      expect(walkAll(concat([...head, ...packets, statistics(0, count(5, 5))])).dropped).toBe(7);
      expect(walkAll(concat([...head, ...packets, statistics(0, count(5, 9))])).dropped).toBe(9);
    });

    test('add up over sections', () => {
      const section = [...head, statistics(1, count(5, 3))];
      expect(walkAll(concat([...section, ...section])).dropped).toBe(6);
    });
  });

  test('simple packets before any time come at 0 and are counted as untimed', () => {
    const { frames, tally } = walkAll(
      concat([encodeSection(), encodeInterface(), encodeBlock(true, 3, numbers(true, [2, 4]), hex('aabb'))]),
    );
    expect(frames).toEqual([{ bytes: 'aabb', original: 2, at: 0, linkType: 1 }]);
    expect(tally).toMatchObject({ packets: 1, untimed: 1, firstAt: Number.POSITIVE_INFINITY });
  });

  test('blocks of other kinds are passed over', () => {
    const { frames } = walkAll(
      concat([
        encodeSection(),
        encodeBlock(true, 4, hex('00000000')),
        encodeInterface(),
        encodeBlock(true, 0x0bad, hex('0123456789')),
        encodeEnhanced(true, 0, 1n, aa),
      ]),
    );
    expect(frames).toHaveLength(1);
  });

  test('a packet longer than its block is counted, and the next one delivered', () => {
    const lying = encodeBlock(true, 6, numbers(true, [0, 4], [0, 8], [9, 4], [9, 4]), hex('0102030405060708'));
    const { frames, tally, broken } = walkAll(
      concat([encodeSection(), encodeInterface(), lying, encodeEnhanced(true, 0, 1n, aa)]),
    );
    expect(frames).toHaveLength(1);
    expect(broken).toBeUndefined();
    expect(tally.undelivered).toEqual({ 'malformed-block': 1 });
  });

  test('a time that event time cannot hold is counted', () => {
    const { tally } = walkAll(
      concat([
        encodeSection(),
        encodeInterface({ resolution: 0 }),
        encodeInterface({ offsetSeconds: -10n }),
        encodeEnhanced(true, 0, 2n ** 63n, aa),
        encodeEnhanced(true, 1, 1n, aa),
      ]),
    );
    expect(tally.undelivered).toEqual({ 'impossible-time': 2 });
    expect(tally.packets).toBe(0);
  });

  test.each([
    ['length zero', '06000000 00000000 00000000', 'malformed-block'],
    ['a length that is no multiple of four', '06000000 0d000000 00000000', 'malformed-block'],
    ['two different lengths', '00000007 0c000000 10000000', 'malformed-block'],
    ['a length over 16 MiB', '06000000 04000001 00000000', 'over-long-record'],
    ['an unknown byte order', '0a0d0d0a 1c000000 00000000', 'malformed-block'],
    ['zeros', '00'.repeat(40), 'malformed-block'],
  ])('%s ends the capture', (_, block, reason) => {
    const { frames, rest, broken } = walkAll(
      concat([encodeSection(), encodeInterface(), encodeEnhanced(true, 0, 1n, aa), hex(block)]),
    );
    expect(frames).toHaveLength(1);
    expect(rest).toBe(hex(block).length);
    expect(broken).toBe(reason);
  });
});
