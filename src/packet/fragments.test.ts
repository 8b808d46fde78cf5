import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fragments } from './fragments.ts';
import { frameReasons } from './frame-reason.ts';
import { LinkType } from './frame-sink.ts';
import { describeLayers, field, hex, ipv4, udp } from './layers.test-helper.ts';
import { Layers } from './layers.ts';

const SECOND = 1e6;

/** Reads raw IP packets, one after the other, and the datagrams that they make. */
class Reader {
  readonly layers = new Layers();
  fragments = new Fragments();

  read(packet: Uint8Array, at = 0, original = packet.length) {
    let reason = this.layers.decode(packet, 0, packet.length, original, LinkType.RAW);
    if (reason === 6) reason = this.fragments.read(this.layers, at);
    return reason === 0 ? this.#told() : frameReasons[reason]!;
  }

  givenUp() {
    const told = [];
    for (;;) {
      const at = this.fragments.readGivenUp(this.layers);
      if (Number.isNaN(at)) return told;
      told.push({ at, ...this.#told() });
    }
  }

  #told() {
    const { from, to, tunnel, payload, payloadBytes, ipBytes } = describeLayers(this.layers);
    return { from, to, tunnel, payload, payloadBytes, ipBytes, packets: this.layers.packets };
  }
}

/** A fragment of UDP from 10.0.0.1 to 10.0.0.2 with bytes [from, to) of its datagram. */
const fragment4 = (datagram: Uint8Array, from: number, to: number, id = 7, more = to < datagram.length): Buffer => {
  const flags = (more ? 0x2000 : 0) | (from >> 3);
  return Buffer.concat([
    hex(`4500 ${field(20 + to - from)} ${field(id)} ${field(flags)} 4011 0000 0a000001 0a000002`),
    datagram.subarray(from, to),
  ]);
};

const addresses6 = '20010db8000000000000000000000001 20010db8000000000000000000000002';
const fragment6 = (datagram: Uint8Array, from: number, to: number, id = 7): Buffer =>
  Buffer.concat([
    hex(
      `60000000 ${field(8 + to - from)} 2c40 ${addresses6} 1100 ${field(from | (to < datagram.length ? 1 : 0))} ${field(id, 4)}`,
    ),
    datagram.subarray(from, to),
  ]);

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789ABCD';
/** UDP header and 40 bytes: 48 bytes in all. */
const datagram = hex(udp(5000, 53, Buffer.from(letters).toString('hex')));
const whole = { from: '10.0.0.1 5000', to: '10.0.0.2 53', tunnel: '', payload: letters, payloadBytes: 40 };

describe('fragments of IPv4', () => {
  const [first, middle, last] = [fragment4(datagram, 0, 16), fragment4(datagram, 16, 32), fragment4(datagram, 32, 48)];

  test.each([
    ['in order', [first, middle, last]],
    ['the last one first', [last, middle, first]],
    ['the middle one last', [last, first, middle]],
  ])('%s: nothing is told until the datagram is whole, then all of it', (_, packets) => {
    const reader = new Reader();
    expect(packets.slice(0, -1).map((packet) => reader.read(packet))).toEqual(['ip-fragment', 'ip-fragment']);
    expect(reader.read(packets.at(-1)!)).toEqual({ ...whole, ipBytes: 48 + 3 * 20, packets: 3 });
    expect(reader.fragments.size).toBe(0);
  });

  test('a duplicate counts as a packet, and its bytes are not taken', () => {
    const reader = new Reader();
    const changed = Buffer.from(first);
    changed.fill('!', 28);
    for (const packet of [first, changed, middle]) reader.read(packet);
    expect(reader.read(last)).toEqual({ ...whole, ipBytes: 48 + 16 + 4 * 20, packets: 4 });
  });

  test('of bytes that overlap those that came first stay', () => {
    const reader = new Reader();
    const upper = Uint8Array.from(datagram, (byte, i) => (i < 8 ? byte : 0x2e));
    reader.read(fragment4(datagram, 8, 16));
    reader.read(fragment4(upper, 0, 24));
    reader.read(fragment4(datagram, 40, 48));
    expect(reader.read(fragment4(upper, 16, 48, 7, false))).toMatchObject({
      payload: `${letters.slice(0, 8)}${'.'.repeat(24)}${letters.slice(32)}`,
      packets: 4,
    });
  });

  test('a fragment that goes on behind the last one, or an end before what came, adds nothing', () => {
    const reader = new Reader();
    reader.read(last);
    reader.read(fragment4(Buffer.alloc(80), 40, 72));
    reader.read(fragment4(datagram.subarray(0, 40), 32, 40));
    reader.read(first);
    expect(reader.read(middle)).toMatchObject({ payload: letters, packets: 5 });
  });

  test('another id, protocol or address is another datagram', () => {
    const reader = new Reader();
    const other = fragment4(datagram, 16, 48);
    reader.read(first);
    const variants = [
      [5, 8],
      [9, 6],
      [15, 9],
      [19, 9],
    ].map(([at, to]) => {
      const copy = Buffer.from(other);
      copy[at!] = to!;
      return reader.read(copy);
    });
    expect(variants).toEqual(['ip-fragment', 'ip-fragment', 'ip-fragment', 'ip-fragment']);
    expect(reader.read(other)).toMatchObject({ payload: letters, packets: 2 });
  });

  test('a capture that cut the packets: whole by the headers, read up to the first byte that is missing', () => {
    const reader = new Reader();
    reader.read(first);
    reader.read(middle.subarray(0, 20 + 10), 0, middle.length);
    expect(reader.read(last)).toEqual({ ...whole, payload: letters.slice(0, 18), ipBytes: 108, packets: 3 });
  });

  test('options of the first fragment are part of its header', () => {
    const reader = new Reader();
    const withOption = Buffer.concat([hex('4600 0028'), first.subarray(4, 20), hex('94040000'), first.subarray(20)]);
    reader.read(withOption);
    reader.read(middle);
    expect(reader.read(last)).toEqual({ ...whole, ipBytes: 112, packets: 3 });
    expect(reader.layers.bytes[reader.layers.ipAt]).toBe(0x46);
  });

  test('the largest datagram is put together', () => {
    const reader = new Reader();
    const large = hex(udp(5000, 53, '61'.repeat(65_000)));
    for (let from = 0; from + 1480 < large.length; from += 1480) reader.read(fragment4(large, from, from + 1480));
    const from = large.length - (large.length % 1480);
    expect(reader.read(fragment4(large, from, large.length))).toMatchObject({ payloadBytes: 65_000, packets: 44 });
  });
});

describe('datagrams that do not become whole', () => {
  const first = fragment4(datagram, 0, 16);

  test('after 30 seconds what came is told, with the time of the latest fragment', () => {
    const reader = new Reader();
    expect(reader.fragments.dueAt).toBe(Number.POSITIVE_INFINITY);
    reader.read(first, SECOND);
    reader.read(fragment4(datagram, 32, 48), 3 * SECOND);
    expect(reader.fragments.dueAt).toBe(31 * SECOND);
    reader.fragments.expire(31 * SECOND);
    expect(reader.givenUp()).toEqual([]);
    reader.fragments.expire(31 * SECOND + 1);
    expect(reader.givenUp()).toEqual([
      { ...whole, at: 3 * SECOND, payload: letters.slice(0, 8), ipBytes: 72, packets: 2 },
    ]);
    expect(reader.givenUp()).toEqual([]);
    expect(reader.fragments.size).toBe(0);
  });

  test('one whose end did not come is as long as what did', () => {
    const reader = new Reader();
    reader.read(first);
    reader.fragments.expire(Number.POSITIVE_INFINITY);
    expect(reader.givenUp()).toMatchObject([{ payload: letters.slice(0, 8), payloadBytes: 8, packets: 1 }]);
  });

  test('a fragment from the future does not keep others', () => {
    const reader = new Reader();
    reader.read(fragment4(datagram, 0, 16, 8), 1e9 * SECOND);
    reader.read(first, SECOND);
    reader.fragments.expire(40 * SECOND);
    expect(reader.givenUp()).toMatchObject([{ at: SECOND, packets: 1 }]);
  });

  test('without a first fragment, or with one too short for the transport, nothing is told', () => {
    const reader = new Reader();
    reader.read(fragment4(datagram, 16, 32));
    reader.read(fragment4(datagram, 32, 48));
    const tcp = fragment4(datagram, 0, 8, 8);
    tcp[9] = 6;
    reader.read(tcp);
    reader.fragments.expire(Number.POSITIVE_INFINITY);
    expect(reader.givenUp()).toEqual([]);
  });

  test('the same id after 30 seconds is another datagram', () => {
    const reader = new Reader();
    reader.read(first, 0);
    expect(reader.read(fragment4(datagram, 16, 48), 31 * SECOND)).toBe('ip-fragment');
    expect(reader.givenUp()).toMatchObject([{ at: 0, packets: 1 }]);
  });

  test('of too many the oldest are given up', () => {
    const reader = new Reader();
    for (let id = 0; id < 5000; id++) reader.read(fragment4(datagram, 0, 16, id), id);
    expect(reader.fragments.size).toBe(4096);
    expect(reader.givenUp().map(({ at }) => at)).toEqual(Array.from({ length: 904 }, (_, id) => id));
  });

  test('memory is bounded in bytes too', () => {
    const reader = new Reader();
    const far = Buffer.alloc(65_504);
    for (let id = 0; id < 2000; id++) reader.read(fragment4(far, 65_480, 65_488, id), id);
    expect(reader.fragments.size).toBeLessThanOrEqual((32 << 20) / 65_000);
  });

  test('a datagram of countless gaps is given up', () => {
    const reader = new Reader();
    const tiny = Buffer.alloc(8192);
    reader.read(fragment4(datagram, 0, 16));
    for (let from = 32; from + 8 < tiny.length; from += 16) reader.read(fragment4(tiny, from, from + 8));
    expect(reader.givenUp()).toMatchObject([{ packets: 65 }]);
  });

  test('state goes from one instance to the next', () => {
    const reader = new Reader();
    reader.read(fragment4(datagram, 0, 16, 1), 0);
    reader.read(fragment4(datagram, 0, 16, 2), 20 * SECOND);
    reader.fragments.expire(31 * SECOND);
    const state = structuredClone(reader.fragments.checkpoint());
    reader.fragments = new Fragments();
    reader.fragments.restore(state);
    expect(reader.givenUp()).toMatchObject([{ at: 0, packets: 1 }]);
    expect(reader.read(fragment4(datagram, 16, 48, 2), 21 * SECOND)).toMatchObject({ payload: letters, packets: 2 });
  });
});

describe('fragments of IPv6', () => {
  test('the packet is read behind the fragment header', () => {
    const reader = new Reader();
    expect(reader.read(fragment6(datagram, 16, 48))).toBe('ip-fragment');
    expect(reader.read(fragment6(datagram, 0, 16))).toEqual({
      ...whole,
      from: '2001:db8::1 5000',
      to: '2001:db8::2 53',
      ipBytes: 2 * 48 + 48,
      packets: 2,
    });
  });

  test('extension headers behind it may be in fragments themselves', () => {
    const reader = new Reader();
    const options = Buffer.concat([hex('1101 010c 0000000000000000 00000000'), datagram]);
    const pieces = [
      [0, 8],
      [8, 24],
      [24, 64],
    ] as const;
    const told = pieces.map(([from, to]) => {
      const packet = fragment6(options, from, to);
      packet[40] = 60;
      return reader.read(packet);
    });
    expect(told).toMatchObject(['ip-fragment', 'ip-fragment', { payload: letters, packets: 3 }]);
  });
});

describe('fragments and tunnels', () => {
  const inner = hex(ipv4(17, datagram.toString('hex')));
  const gtp = (packet: Uint8Array, teid = 1): Buffer =>
    hex(udp(2152, 2152, `30ff ${field(packet.length)} ${field(teid, 4)} ${Buffer.from(packet).toString('hex')}`));

  test('a tunnel that came in fragments holds one packet', () => {
    const reader = new Reader();
    const outer = gtp(inner);
    expect(reader.read(fragment4(outer, 0, 48))).toBe('ip-fragment');
    expect(reader.read(fragment4(outer, 48, outer.length))).toEqual({
      ...whole,
      tunnel: 'gtp',
      ipBytes: 68,
      packets: 1,
    });
  });

  test('fragments inside of a tunnel are put together by endpoint, and know the nodes', () => {
    const reader = new Reader();
    const [first, last] = [fragment4(datagram, 0, 16), fragment4(datagram, 16, 48)];
    const around = (packet: Uint8Array, teid: number) => hex(ipv4(17, gtp(packet, teid).toString('hex')));
    expect(reader.read(around(first, 1))).toBe('ip-fragment');
    expect(reader.read(around(last, 2))).toBe('ip-fragment');
    expect(reader.read(last)).toBe('ip-fragment');
    expect(reader.read(around(last, 1))).toEqual({ ...whole, tunnel: 'gtp', ipBytes: 88, packets: 2 });
    const { bytes, gtpSourceAt, gtpDestinationAt, teid } = reader.layers;
    expect([bytes[gtpSourceAt + 3], bytes[gtpDestinationAt + 3], teid]).toEqual([1, 2, 1]);
  });

  test('fragments inside of fragments', () => {
    const reader = new Reader();
    const outers = [gtp(fragment4(datagram, 0, 16)), gtp(fragment4(datagram, 16, 48))];
    const told = outers.flatMap((outer, id) => [
      reader.read(fragment4(outer, 0, 24, id)),
      reader.read(fragment4(outer, 24, outer.length, id)),
    ]);
    expect(told).toEqual([
      'ip-fragment',
      'ip-fragment',
      'ip-fragment',
      { ...whole, tunnel: 'gtp', ipBytes: 88, packets: 2 },
    ]);
  });

  test('a tunnel that is no packet of a flow leaves the outer datagram, all of its fragments', () => {
    const reader = new Reader();
    const outer = gtp(hex('45000014 00000000 4000 0000 0a000001 0a000002').subarray(0, 19));
    reader.read(fragment4(outer, 0, 16));
    expect(reader.read(fragment4(outer, 16, outer.length))).toMatchObject({ tunnel: '', payloadBytes: 27, packets: 2 });
  });
});

test('whatever comes in whatever order: every packet is told once or waits, and a whole datagram is told as it was', () => {
  const piece = fc.record({
    id: fc.nat(2),
    from: fc.nat(6),
    count: fc.integer({ min: 1, max: 6 }),
    more: fc.boolean(),
    cut: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(40)),
    at: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const reader = new Reader();
      let told = 0;
      let waiting = 0;
      for (const { id, from, count, more, cut, at } of pieces) {
        const end = Math.min(48, 8 * (from + count));
        const packet = fragment4(datagram, 8 * Math.min(from, 5), Math.max(end, 8 * Math.min(from, 5) + 8), id, more);
        const result = reader.read(packet.subarray(0, Math.max(20, packet.length - cut)), at * SECOND, packet.length);
        if (typeof result === 'string') waiting++;
        else {
          told += result.packets;
          waiting -= result.packets - 1;
          // All fragments are cut from one datagram, so that overlaps agree.
          expect(letters.startsWith(result.payload)).toBe(true);
        }
        expect(waiting).toBeGreaterThanOrEqual(0);
      }
      reader.fragments.expire(Number.POSITIVE_INFINITY);
      for (const { packets, payload } of reader.givenUp()) {
        told += packets;
        waiting -= packets;
        expect(letters.startsWith(payload)).toBe(true);
      }
      expect([reader.fragments.size, told + waiting]).toEqual([0, pieces.length]);
      expect(waiting).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 1000 },
  );
});
