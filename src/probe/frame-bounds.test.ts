/** Frames cut and changed at random: the probe never throws, and what it tells depends on the bytes of the frame alone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordingProbe } from '../../test/recording-probe.ts';
import { LinkType } from '../packet/frame-sink.ts';
import type { Frame } from '../synth/frame.ts';
import { plantedWhatsApp } from '../synth/planted-whatsapp.ts';

const MAX_FRAME = 4096;

/** What names and answers come from: some packets with payload of every kind of flow, in the order of time. */
const seeds: Frame[] = [];
for (const frame of plantedWhatsApp({ seed: 11, clients: 2, hours: 1 }).frames) {
  const isBulk = frame.bytes.length > 1200 && frame.bytes.at(-1) === 0;
  if (!isBulk) seeds.push({ ...frame, bytes: frame.bytes.subarray(0, MAX_FRAME) });
}

interface Change {
  /** Where among the seeds the frame stands; neighbours often belong together. */
  readonly which: number;
  readonly flips: readonly { readonly at: number; readonly to: number }[];
  /** Bytes that are cut off. */
  readonly cut: number;
}

const flip = fc.record({
  at: fc.oneof(fc.nat(60), fc.nat(400)),
  to: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x3f, 0xc0, 0xff)),
});
const change: fc.Arbitrary<Change> = fc.record({
  which: fc.nat(30),
  flips: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(flip, { maxLength: 4 }) },
  ),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(600)),
});

/** Plays the changed frames, each inside of a buffer that is otherwise full of `garbage`. */
const tell = (garbage: number, from: number, changes: readonly Change[]) => {
  const recording = new RecordingProbe();
  const buffer = Buffer.alloc(3 * MAX_FRAME);
  for (const { which, flips, cut } of changes) {
    const { at, bytes, length } = seeds[Math.min(from + which, seeds.length - 1)]!;
    const kept = Math.max(0, bytes.length - cut);
    buffer.fill(garbage);
    buffer.set(bytes.subarray(0, kept), MAX_FRAME);
    for (const { at: place, to } of flips) if (place < kept) buffer[MAX_FRAME + place] = to;
    recording.probe.frame(buffer, MAX_FRAME, kept, length, at, LinkType.ETHERNET);
  }
  recording.finish();
  const { flows, dns, answers, names, probe } = recording;
  return { flows, dns, answers, names, reasons: [...probe.reasons], malformed: probe.dns.malformed };
};

test('nothing outside of a frame is read, and nothing in it throws', () => {
  let named = 0;
  fc.assert(
    fc.property(fc.nat(seeds.length - 1), fc.array(change, { minLength: 1, maxLength: 20 }), (from, changes) => {
      const told = tell(0x00, from, changes);
      expect(tell(0xff, from, changes)).toEqual(told);
      expect(tell(0x16, from, changes)).toEqual(told);
      named += told.names.length + told.answers.length;
    }),
    { numRuns: 500 },
  );
  expect(named).toBeGreaterThan(50);
});
