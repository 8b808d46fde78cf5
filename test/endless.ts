/** Plays the endless scene to probe and labellers, as an import would, and takes what they report and what memory they hold. */
import { frameReasons } from '../src/packet/frame-reason.ts';
import { LabelledTickets, type LabelOptions } from '../src/pipeline/labelled-tickets.ts';
import type { SealedBatch } from '../src/tickets/batch.ts';
import { EndlessTraffic, noSums, type Sums, summedColumns } from './endless-traffic.ts';
import { memoryInUse } from './process-use.ts';
import { testOptions } from './rows.ts';

/** Packets between two looks at the tickets: as many as a buffer of a file holds. */
const CHUNK = 20_000;

interface MemorySample {
  readonly packets: number;
  /** Bytes of objects and typed arrays after two collections. */
  readonly inUse: number;
  /** Resident set, bytes. */
  readonly rss: number;
}

export interface EndlessResult {
  /** What was sent, and what the rows of flows and of counters say of it. */
  readonly sent: Sums;
  readonly inFlows: Sums;
  readonly inCounters: Sums;
  /** Frames by reason; those that did not occur are left out. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly rows: Readonly<Record<string, number>>;
  readonly samples: readonly MemorySample[];
  /** Packet time from first to last packet, microseconds. */
  readonly spanUs: number;
}

const sumOf = (batch: SealedBatch, name: string): number => {
  let sum = 0;
  const column = batch.columns.find((each) => each.name === name);
  for (const value of column?.values ?? []) if (!Number.isNaN(value)) sum += value;
  return sum;
};

const addBatch = (sums: Sums, batch: SealedBatch): void => {
  for (const name of summedColumns) sums[name] += sumOf(batch, name);
  // One byte sent again looks like a keep-alive, and of keep-alives the scene has none.
  sums.up_retransmits += sumOf(batch, 'up_keepalives');
  sums.down_retransmits += sumOf(batch, 'down_keepalives');
};

export interface EndlessOptions extends Partial<LabelOptions> {
  readonly seed: number;
  /** After so many no flow begins; those under way are played to their ends. */
  readonly packets: number;
  readonly clientsAtOnce: number;
  /** Packets between two samples of memory. */
  readonly sampleEvery: number;
  readonly onSample?: (sample: MemorySample) => void;
}

export const playEndless = (options: EndlessOptions): EndlessResult => {
  const { seed, packets, clientsAtOnce, sampleEvery, onSample, ...labelOptions } = options;
  const tickets = new LabelledTickets({ ...testOptions, keepAddresses: false, ...labelOptions });
  const { probe } = tickets;
  const traffic = new EndlessTraffic(seed, clientsAtOnce);
  const inFlows = noSums();
  const inCounters = noSums();
  const rows: Record<string, number> = {};
  const samples: MemorySample[] = [];
  let firstAt = Number.NaN;

  const drain = (): void => {
    for (const batch of tickets.sealed) {
      rows[batch.table] = (rows[batch.table] ?? 0) + batch.rows;
      if (batch.table === 'flows') addBatch(inFlows, batch);
      if (batch.table === 'counters') addBatch(inCounters, batch);
    }
    tickets.sealed.length = 0;
  };
  for (let packet = 1; ; packet++) {
    if (packet === packets) traffic.stop();
    const next = traffic.next();
    if (next === undefined) break;
    const { frame, linkType } = next;
    if (packet === 1) firstAt = frame.at;
    probe.frame(frame.bytes, 0, frame.bytes.length, frame.length, frame.at, linkType);
    if (packet % CHUNK === 0) {
      tickets.tidy();
      drain();
    }
    if (packet % sampleEvery === 0) {
      const sample = { packets: packet, inUse: memoryInUse(), rss: process.memoryUsage.rss() };
      samples.push(sample);
      onSample?.(sample);
    }
  }
  const spanUs = probe.clock - firstAt;
  tickets.finish();
  drain();
  const reasons = Object.fromEntries(
    frameReasons.flatMap((reason, i) => (probe.reasons[i]! > 0 ? [[reason, probe.reasons[i]!]] : [])),
  );
  return { sent: traffic.sums, inFlows, inCounters, reasons, rows, samples, spanUs };
};
