/** The soak test of long runs: a hundred million packets over days of packet time, on all links; memory stays flat and everything is accounted for. */
import { expect, test } from 'vitest';
import { DAY } from '../../src/kit/time.ts';
import { playEndless } from '../endless.ts';
import { load, report, save, tell } from './state.ts';

const NAME = 'endless';
const packets = Number(process.env.SONDE_SOAK_PACKETS ?? 100_000_000);
const seed = Number(process.env.SONDE_SEED ?? 20_140_218);
const SAMPLES = 400;
/** Bounds that are reached within a tenth of the packets, so that the rest shows whether they hold; several epochs end in each quarter. */
const bounds = { maxAnswers: 1 << 17, epochSize: 1 << 17 };
/** Names fill the interner until an epoch ends, so peaks are compared. */
const MAX_GROWTH = 1.05;
const MAX_RSS_GROWTH = 1.1;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

test(`${packets} packets, seed ${seed}`, () => {
  if (load(NAME) !== undefined) return;
  const { sent, inFlows, inCounters, reasons, rows, samples, spanUs } = playEndless({
    seed,
    packets,
    ...bounds,
    clientsAtOnce: 2000,
    sampleEvery: Math.ceil(packets / SAMPLES),
    onSample: ({ packets: played, inUse, rss }) =>
      tell(`${NAME}: ${played} packets, ${megabytes(inUse)} in use, ${megabytes(rss)} resident`),
  });
  expect(reasons).toEqual({ ok: sent.up_packets + sent.down_packets });
  expect(inFlows).toEqual(sent);
  for (const name of ['up_packets', 'down_packets', 'up_bytes', 'down_bytes'] as const)
    expect(inCounters[name], name).toBe(sent[name]);

  const peakOf = (from: number, until: number, of: 'inUse' | 'rss'): number =>
    Math.max(...samples.slice(from * samples.length, until * samples.length).map((sample) => sample[of]));
  const [before, after] = [peakOf(0.5, 0.75, 'inUse'), peakOf(0.75, 1, 'inUse')];
  const [rssBefore, rssAfter] = [peakOf(0.5, 0.75, 'rss'), peakOf(0.75, 1, 'rss')];
  const days = (spanUs / DAY).toFixed(1);
  report(
    `- Endless traffic, seed ${seed}: ${reasons.ok} packets, ${rows.flows} flows, ${rows.dns} DNS transactions over ${days} days of packet time; ` +
      `sums of packets, bytes, payload, SYNs, retransmissions and reordering over the rows equal what was sent. ` +
      `Peak in use in the third quarter ${megabytes(before)}, in the last ${megabytes(after)}; resident ${megabytes(rssBefore)} and ${megabytes(rssAfter)}.`,
  );
  expect(after / before).toBeLessThan(MAX_GROWTH);
  expect(rssAfter / rssBefore).toBeLessThan(MAX_RSS_GROWTH);
  save(NAME, { seed, packets });
});
