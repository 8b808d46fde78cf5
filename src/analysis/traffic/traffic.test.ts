import { expect, test } from 'vitest';
import { type PlantedRow, plantStore } from '../../../test/planted-store.ts';
import { Random } from '../../kit/random.ts';
import { MINUTE } from '../../kit/time.ts';
import { RANKS } from '../ecdf.ts';
import { runAnalysis } from '../run-analysis.ts';
import { quantileRanks } from '../statistics/quantile-ranks.ts';
import { traffic } from './traffic.ts';

const at = Date.UTC(2014, 1, 22, 18) * 1000;
const scope = { service: 'whatsapp', timezone: 'UTC' };

const run = async (flows: readonly PlantedRow[], counters: readonly PlantedRow[] = []) => {
  const rows = flows.map((flow) => ({ service: 'whatsapp', protocol: 'tcp', end_reason: 'fin', ...flow }));
  const store = await plantStore([
    { id: 'a', import: { first_at: at, last_at: at + 2 * MINUTE - 1 }, flows: rows, counters },
    { id: 'b', import: { first_at: at + 4 * MINUTE, last_at: at + 5 * MINUTE } },
  ]);
  const cards = await runAnalysis(traffic, store.query, scope);
  await store.close();
  return Object.fromEntries(cards.map((card) => [card.id, card]));
};

const flows: readonly PlantedRow[] = [
  { started_at: at, ended_at: at + 10e6, class: 'chat', up_bytes: 100, down_bytes: 300 },
  { started_at: at, ended_at: at + 20e6, class: 'chat', up_bytes: 200, down_bytes: 400 },
  { started_at: at, ended_at: at, class: 'chat', up_bytes: 40, down_bytes: 0 },
  { started_at: at, ended_at: at + 5 * MINUTE, class: 'image', up_bytes: 1000, down_bytes: 7960, end_reason: 'eof' },
  { started_at: at, ended_at: at + 3e6, class: 'image', up_bytes: null, down_bytes: null },
  { started_at: at, ended_at: at + 3e6, class: 'image', up_bytes: 0, down_bytes: 0, end_reason: 'evicted' },
];

test('flows and bytes divide over the classes', async () => {
  const { 'traffic.classes': card } = await run(flows);
  expect(card).toMatchObject({
    finding: 'Of 10 kB in 6 flows of whatsapp, image has 89.6 % of the bytes and 50 % of the flows.',
    n: 6,
    exclusions: [{ reason: 'Counted, though without byte counts', n: 1 }],
  });
  expect(card!.tables[0]!.rows).toEqual([
    { class: 'image', flows: 3, flow_share: 0.5, up_bytes: 1000, down_bytes: 7960, bytes: 8960, byte_share: 0.896 },
    { class: 'chat', flows: 3, flow_share: 0.5, up_bytes: 340, down_bytes: 700, bytes: 1040, byte_share: 0.104 },
    { class: 'all', flows: 6, flow_share: 1, up_bytes: 1340, down_bytes: 8660, bytes: 10_000, byte_share: 1 },
  ]);
});

test('sizes leave out what has no byte counts', async () => {
  const { 'traffic.sizes': card } = await run(flows);
  expect(card).toMatchObject({
    finding: 'Half of the flows of whatsapp in chat carry at most 400 B, half of those in image at most 0 B.',
    n: 5,
    exclusions: [
      { reason: 'Left out (without byte counts)', n: 1 },
      { reason: 'Counted, though still open at the end of the capture', n: 1 },
    ],
  });
  const [quantiles, intervals, points] = card!.tables;
  // Three flows bound no quantile on both sides.
  expect(intervals!.rows[1]).toEqual({
    class: 'chat',
    quantile: 'Median',
    value_bytes: 400,
    low_bytes: null,
    high_bytes: null,
  });
  expect(quantiles!.rows[0]).toEqual({
    class: 'chat',
    flows: 3,
    least_bytes: 40,
    p10_bytes: 40,
    p50_bytes: 400,
    p90_bytes: 600,
    p99_bytes: 600,
    most_bytes: 600,
  });
  expect(points!.rows.filter((row) => row.class === 'chat')).toEqual([
    { class: 'chat', at_most_bytes: 40, flows: 1, share: 1 / 3 },
    { class: 'chat', at_most_bytes: 400, flows: 2, share: 2 / 3 },
    { class: 'chat', at_most_bytes: 600, flows: 3, share: 1 },
  ]);
});

test('durations leave out flows whose end was not seen', async () => {
  const { 'traffic.durations': card } = await run(flows);
  expect(card).toMatchObject({
    finding: 'Half of the flows of whatsapp in chat last at most 10 s, half of those in image at most 3 s.',
    n: 4,
    exclusions: [
      { reason: 'Left out (still open at the end of the capture)', n: 1 },
      { reason: 'Left out (cut by the flow table: time-out while active, or eviction)', n: 1 },
      { reason: 'Left out (without an end)', n: 0 },
    ],
  });
});

test('volume over time is that of the counters, and a minute without import is a gap, not 0', async () => {
  const counter = (minute: number, up: number, down: number): PlantedRow => ({
    minute_at: at + minute * MINUTE,
    service: 'whatsapp',
    class: 'chat',
    up_bytes: up,
    down_bytes: down,
  });
  const { 'traffic.volume': card } = await run(flows, [counter(0, 10, 20), counter(4, 5, 700), counter(60, 9, 9)]);
  expect(card!.finding).toBe(
    '720 B went down and 15 B up for whatsapp; the busiest bin of 1 min, from 2014-02-22 18:04:00 UTC, carried 705 B.',
  );
  expect(card!.figure).toMatchObject({
    originUs: at,
    widthUs: MINUTE,
    series: [
      { name: 'down', values: [20, 0, null, null, 700, 0] },
      { name: 'up', values: [10, 0, null, null, 5, 0] },
    ],
  });
  expect(card!.exclusions).toEqual([{ reason: 'Left out (no import covers them)', n: 2 }]);
});

test('without counters the volume over time is not known, which the card says', async () => {
  const { 'traffic.volume': card } = await run(flows);
  expect(card).toMatchObject({ n: 0, finding: 'No counters cover this scope, so the volume over time is not known.' });
});

/** The value as curves have it: from 1,000 on rounded to three digits. */
const threeDigits = (value: number): number => {
  const step = 10 ** Math.max(0, String(value).length - 3);
  return Math.floor((value + step / 2) / step) * step;
};

test.each([1, 2, 3])('distributions equal the naive ones: seed %i', async (seed) => {
  const random = new Random(seed);
  const sizes = Array.from({ length: random.between(1, 4000) }, () => Math.floor(random.logNormal(900, 2)));
  const { 'traffic.sizes': card } = await run(
    sizes.map((size) => ({ started_at: at, ended_at: at, class: 'chat', up_bytes: size, down_bytes: 0 })),
  );
  const sorted = sizes.map(threeDigits).sort((a, b) => a - b);
  const [quantiles, intervals, points] = card!.tables;
  const shareUpTo = (value: number): number => sorted.filter((size) => size <= value).length / sorted.length;
  const nearestRank = (p: number): number => sorted[Math.ceil(p * sorted.length) - 1]!;

  expect(quantiles!.rows[0]).toMatchObject({
    flows: sorted.length,
    least_bytes: sorted[0],
    p10_bytes: nearestRank(0.1),
    p50_bytes: nearestRank(0.5),
    p90_bytes: nearestRank(0.9),
    p99_bytes: nearestRank(0.99),
    most_bytes: sorted.at(-1),
  });
  const { low, high } = quantileRanks(sorted.length, 0.5);
  const median = intervals!.rows[1]!;
  if (low === null) expect(median.low_bytes).toBe(null);
  // The thinned curve rounds the lower end down, by a point at most.
  else expect(shareUpTo(median.low_bytes as number)).toBeGreaterThan((low - 1) / sorted.length - 1 / RANKS);
  if (low !== null) expect(median.low_bytes).toBeLessThanOrEqual(sorted[low - 1]!);
  if (high === null) expect(median.high_bytes).toBe(null);
  else expect(median.high_bytes).toBeGreaterThanOrEqual(sorted[high - 1]!);
  expect(points!.rows.length).toBeLessThanOrEqual(RANKS + 1);
  const shares = points!.rows.map((row) => row.share as number);
  for (const row of points!.rows) expect(row.share).toBe(shareUpTo(row.at_most_bytes as number));
  // Between two points the thinned curve stays low, by less than a step.
  for (const size of sorted) {
    const below = points!.rows.findLastIndex((row) => (row.at_most_bytes as number) <= size);
    const missed = shareUpTo(size) - shares[below]!;
    expect(missed).toBeGreaterThanOrEqual(0);
    expect(missed).toBeLessThan(1 / RANKS);
  }
});
