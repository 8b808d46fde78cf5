/** Frames of all links and tunnels, cut and changed at random: nothing throws, and nothing outside of a frame is read. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fragments } from './fragments.ts';
import { FrameReason } from './frame-reason.ts';
import { LinkType } from './frame-sink.ts';
import { ethernet, hex, ipv4Tcp, ipv6Addresses, linkHeads, tunnels } from './layers.test-helper.ts';
import { Layers } from './layers.ts';

const START = 300;
const BUFFER_BYTES = 1000;

const seeds: readonly (readonly [frame: Buffer, linkType: number])[] = [
  ...linkHeads.map(([, linkType, head]) => [hex(`${head} ${ipv4Tcp}`), linkType] as const),
  ...tunnels.map(
    ([, , packet]) =>
      [hex(`${ethernet} 8100 0005 ${packet.startsWith('45') ? '0800' : '86dd'} ${packet}`), LinkType.ETHERNET] as const,
  ),
  [
    hex(
      `60000000 0023 0040 ${ipv6Addresses} 2b 00 000502000000 2c 00 000502000000 11 00 0001 00000007 1388 0035 000b 0000 616263`,
    ),
    LinkType.RAW,
  ],
];
const links = [...Object.values(LinkType), 147];
const change = fc.record({
  at: fc.nat(250),
  to: fc.oneof(fc.nat(255), fc.constantFrom(0, 4, 6, 17, 41, 47, 0x45, 0xff)),
});

const tell = (frame: Uint8Array, original: number, linkType: number, garbage: number) => {
  const buffer = Buffer.alloc(BUFFER_BYTES, garbage);
  buffer.set(frame, START);
  const layers = new Layers();
  let reason = layers.decode(buffer, START, frame.length, original, linkType);
  if (reason === FrameReason.IP_FRAGMENT) {
    const fragments = new Fragments();
    expect(fragments.read(layers, 0)).toBe(FrameReason.IP_FRAGMENT);
    fragments.expire(Number.POSITIVE_INFINITY);
    if (Number.isNaN(fragments.readGivenUp(layers))) return reason;
    reason = FrameReason.OK;
  }
  if (reason !== FrameReason.OK) return reason;
  const { sourceAt, destinationAt, ipAt, transportAt, payloadStart, payloadEnd, v6 } = layers;
  const isFrame = layers.bytes === buffer;
  const [from, to] = isFrame ? [START, START + frame.length] : [0, layers.bytes.length];
  for (const at of [sourceAt, destinationAt]) {
    expect(at).toBeGreaterThanOrEqual(from);
    expect(at + (v6 ? 16 : 4)).toBeLessThanOrEqual(to);
  }
  expect(sourceAt - ipAt).toBe(v6 ? 8 : 12);
  if (payloadEnd > payloadStart) expect(payloadEnd).toBeLessThanOrEqual(to);
  expect(payloadEnd - payloadStart).toBeLessThanOrEqual(layers.payloadBytes);
  expect(payloadEnd).toBeGreaterThanOrEqual(payloadStart);
  expect(payloadStart).toBeGreaterThanOrEqual(transportAt);
  const { bytes, tcpSequence, tcpAcknowledgement, tcpWindow, ...rest } = layers;
  return layers.protocol === 6 ? { ...rest, tcpSequence, tcpAcknowledgement, tcpWindow } : rest;
};

test('nothing throws, and what is told depends on the bytes of the frame alone', () => {
  const tunnelsSeen = new Set<number>();
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.oneof({ weight: 5, arbitrary: fc.constant(-1) }, fc.constantFrom(...links)),
      fc.array(change, { maxLength: 5 }),
      fc.oneof(fc.constant(BUFFER_BYTES), fc.nat(250)),
      fc.nat(80_000),
      ([seed, link], otherLink, changes, captured, original) => {
        const frame = Buffer.from(seed);
        for (const { at, to } of changes) if (at < frame.length) frame[at] = to;
        const kept = frame.subarray(0, captured);
        const linkType = otherLink < 0 ? link : otherLink;
        const told = tell(kept, original, linkType, 0x45);
        expect(tell(kept, original, linkType, 0x00)).toEqual(told);
        expect(tell(kept, original, linkType, 0xff)).toEqual(told);
        if (typeof told === 'object') tunnelsSeen.add(told.tunnel);
      },
    ),
    { numRuns: 6000 },
  );
  expect(tunnelsSeen.size).toBeGreaterThan(12);
});
