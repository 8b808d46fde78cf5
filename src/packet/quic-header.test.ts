import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLongHeader, isShortHeader, QuicHeader, QuicPacket, spinOf } from './quic-header.ts';
import { readVarint, varintBytes } from './quic-varint.ts';
import { clientInitials } from './quic-vectors.test-helper.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** The header's fields, offsets as they are; undefined if there is none. */
const decode = (bytes: Uint8Array, at = 0, end = bytes.length, wireEnd = end) => {
  const header = new QuicHeader();
  if (!header.decode(bytes, at, end, wireEnd)) return undefined;
  const { version, type, destinationAt, destinationBytes, sourceAt, sourceBytes, numberAt } = header;
  const id = (from: number, count: number): string => Buffer.from(bytes.subarray(from, from + count)).toString('hex');
  return {
    version: version?.name,
    type,
    destination: id(destinationAt, destinationBytes),
    source: id(sourceAt, sourceBytes),
    numberAt,
    end: header.end,
  };
};

const rest = '00'.repeat(20);

describe('a long header', () => {
  test('of the Initial packets of RFC 9001 and RFC 9369', () => {
    const same = { type: QuicPacket.INITIAL, destination: '8394c8f03e515708', source: '', numberAt: 18, end: 1200 };
    expect(decode(clientInitials[1])).toEqual({ version: '1', ...same });
    expect(decode(clientInitials[2])).toEqual({ version: '2', ...same });
  });

  test("of the server's Initial packet of RFC 9001 A.3, with a token before it", () => {
    expect(decode(hex(`cf 00000001 00 08 f067a5502a4262b5 03 aabbcc 14 ${rest}`))).toEqual({
      version: '1',
      type: QuicPacket.INITIAL,
      destination: '',
      source: 'f067a5502a4262b5',
      numberAt: 20,
      end: 40,
    });
  });

  test.each([
    ['1', '00000001', ['c', 'd', 'e', 'f']],
    ['draft-29', 'ff00001d', ['c', 'd', 'e', 'f']],
    ['2', '6b3343cf', ['d', 'e', 'f', 'c']],
  ])('has the four types of version %s', (name, word, firsts) => {
    const bodies = [`00 14 ${rest}`, `14 ${rest}`, `14 ${rest}`, rest];
    for (const [type, first] of firsts.entries()) {
      const packet = hex(`${first}0 ${word} 02 0102 01 03 ${bodies[type]}`);
      expect(decode(packet), `type ${type}`).toMatchObject({ version: name, type, destination: '0102', source: '03' });
    }
  });

  test('of version negotiation has no version of its own, and offers at least one', () => {
    const packet = hex('80 00000000 02 0102 01 03 00000001 6b3343cf');
    expect(decode(packet)).toEqual({
      version: undefined,
      type: QuicPacket.VERSION_NEGOTIATION,
      destination: '0102',
      source: '03',
      numberAt: 10,
      end: 18,
    });
    expect(decode(packet.subarray(0, 14))).toMatchObject({ end: 14 });
    for (const end of [9, 10, 12]) expect(decode(packet.subarray(0, end))).toBeUndefined();
  });

  test("of Google's Q046 has short lengths, and nothing behind the connection ids", () => {
    expect(decode(hex('c3 51303436 50 eacfe6e706df272d 00000004 60'))).toEqual({
      version: 'Q046',
      type: QuicPacket.INITIAL,
      destination: 'eacfe6e706df272d',
      source: '',
      numberAt: 14,
      end: 19,
    });
  });

  test('of packets that share a datagram, one after the other', () => {
    const datagram = hex(`c0 00000001 00 00 00 14 ${rest} e0 00000001 00 00 14 ${rest} 41`);
    const header = new QuicHeader();
    const types: number[] = [];
    for (let at = 0; header.decode(datagram, at, datagram.length); at = header.end) types.push(header.type);
    expect(types).toEqual([QuicPacket.INITIAL, QuicPacket.HANDSHAKE]);
    expect(header.decode(datagram, datagram.length - 1, datagram.length)).toBe(false);
  });

  test('is read where the capture cut the packet behind it', () => {
    expect(decode(clientInitials[1], 0, 60, 1200)).toMatchObject({ version: '1', end: 1200 });
    expect(decode(clientInitials[1], 0, 60)).toBeUndefined();
  });

  test.each([
    ['an unknown version', `c0 0a1a2a3a 00 00 00 14 ${rest}`],
    ['an RTP packet', `80 60 0001 00000001 12345678 ${rest}`],
    ['a connection id of 21 bytes', `c0 00000001 15 ${'00'.repeat(21)} 00 00 14 ${rest}`],
    ['a source of 21 bytes', `c0 00000001 00 15 ${'00'.repeat(21)} 00 14 ${rest}`],
    ['less than a sample to protect it by', `c0 00000001 00 00 00 13 ${rest}`],
    ['more than the datagram holds', `c0 00000001 00 00 00 15 ${rest}`],
    ['a token longer than the datagram', `c0 00000001 00 00 ff ffffffffffffff 14 ${rest}`],
    ['a short header', `40 00000001 00 00 00 14 ${rest}`],
  ])('is none: %s', (_, packet) => {
    expect(decode(hex(packet))).toBeUndefined();
  });

  test('cut or changed anywhere, stays in its bounds', () => {
    const kinds = [
      clientInitials[1],
      hex('80 00000000 02 0102 01 03 00000001'),
      hex('c3 51303436 55 0102030405060708'),
    ];
    const change = fc.record({ at: fc.nat(40), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.array(change, { maxLength: 5 }), fc.nat(1200), (kind, changes, cut) => {
        const bytes = Buffer.concat([kind, Buffer.alloc(40)]);
        for (const { at, to } of changes) bytes[at] = to;
        const end = Math.min(cut, kind.length);
        const found = decode(bytes, 0, end);
        if (found === undefined) return;
        expect(found.numberAt).toBeLessThanOrEqual(found.end);
        expect(found.end).toBeLessThanOrEqual(end);
      }),
      { numRuns: 1000 },
    );
  });
});

test('the first byte tells long headers from short ones, and the spin bit of these', () => {
  expect([0xc0, 0x80, 0x40, 0x60, 0x20].map(isLongHeader)).toEqual([true, true, false, false, false]);
  expect([0xc0, 0x80, 0x40, 0x60, 0x20].map(isShortHeader)).toEqual([false, false, true, true, false]);
  expect([0x40, 0x5f, 0x60, 0x7f].map(spinOf)).toEqual([0, 0, 1, 1]);
});

describe('an integer of variable length', () => {
  test.each([
    ['c2197c5eff14e88c', Number(151_288_809_941_952_652n)],
    ['9d7f3e7d', 494_878_333],
    ['7bbd', 15_293],
    ['25', 37],
    ['4025', 37],
  ])('%s of RFC 9000 A.1', (text, value) => {
    const bytes = hex(text);
    expect(readVarint(bytes, 0, bytes.length)).toBe(value);
    expect(varintBytes(bytes[0]!)).toBe(bytes.length);
    expect(readVarint(bytes, 0, bytes.length - 1)).toBe(-1);
  });
});
