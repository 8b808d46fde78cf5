/** Captures to tickets: reads the files of one stream, drains batches to the store as they fill, and accounts for everything. */
import { type CaptureProgress, type CaptureResult, readCapture } from '../capture/read-capture.ts';
import { SondeError } from '../kit/errors.ts';
import { frameReasons } from '../packet/layers.ts';
import { Batch, type SealedBatch, sealBatch } from '../tickets/batch.ts';
import { imports } from '../tickets/index.ts';
import type { Content } from './import-id.ts';
import { LabelledTickets, type LabelOptions } from './labelled-tickets.ts';

/** Where sealed batches go; resolves when the next one may come. */
export interface TicketSink {
  write(batch: SealedBatch): Promise<void>;
}

/** The files of one stream, in time order, and what was found to identify them. */
export interface CaptureStream extends Content {
  /** Paths, or chunks of bytes of an input that has none. */
  readonly inputs: readonly (string | AsyncIterable<Uint8Array>)[];
  /** For `imports.name`. */
  readonly name: string;
}

export interface ImportProgress extends CaptureProgress {
  /** Index into the stream's inputs. */
  readonly input: number;
}

export interface ImportSummary {
  readonly packets: number;
  readonly bytesRead: number;
  readonly rows: number;
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
  readonly dropped: number | undefined;
  /** Frames and records that gave no flow packet, by reason; reasons that did not occur are left out. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Of those, the broken ones: what is no IP, or of a link or fragment not read, is none. */
  readonly malformed: number;
  readonly state: 'complete' | 'partial';
  readonly results: readonly CaptureResult[];
}

/** Frames under these reasons are sound, and not what the probe reads. */
const soundReasons = new Set(['not-ip', 'link-unknown', 'ip-fragment']);

/**
 * Imports the files of one stream: open flows and answers carry over from file to file.
 *
 * Every ticket, and at the end the row of `imports`, goes to `sink`. What a capture holds never throws; a file that
 * cannot be read does, or one that grew since it was identified, and then nothing should be committed.
 */
export const importCaptures = async (
  stream: CaptureStream,
  options: LabelOptions,
  sink: TicketSink,
  onProgress: (progress: ImportProgress) => void = () => {},
): Promise<ImportSummary> => {
  const tickets = new LabelledTickets(options);
  const drain = async (): Promise<void> => {
    for (let batch = tickets.sealed.shift(); batch !== undefined; batch = tickets.sealed.shift())
      await sink.write(batch);
  };
  const results: CaptureResult[] = [];
  for (const [i, input] of stream.inputs.entries()) {
    const result = await readCapture(input, tickets.probe, {
      hash: false,
      between: async (progress) => {
        tickets.tidy();
        await drain();
        onProgress({ ...progress, input: i });
      },
    });
    results.push(result);
  }
  tickets.finish();
  await drain();
  const summary = summarise(tickets, results);
  requireSameContent(stream, summary);
  await sink.write(importsRow(stream, options, tickets, summary));
  return summary;
};

/** A capture that is still being written would be imported again, with the same packets, once it is whole. */
const requireSameContent = ({ name, byteCount }: CaptureStream, { bytesRead }: ImportSummary): void => {
  if (bytesRead <= byteCount) return;
  throw new SondeError(
    'SONDE_INPUT_UNREADABLE',
    'it grew while it was read',
    { file: name, bytes: bytesRead },
    'import it when it is finished',
  );
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const summarise = (tickets: LabelledTickets, results: readonly CaptureResult[]): ImportSummary => {
  const reasons: Record<string, number> = {};
  const note = (reason: string, count: number): void => {
    if (count > 0) reasons[reason] = (reasons[reason] ?? 0) + count;
  };
  for (const [i, reason] of frameReasons.entries()) if (i > 0) note(reason, tickets.probe.reasons[i]!);
  note('dns-malformed', tickets.probe.dns.malformed);
  for (const { undelivered } of results) for (const [reason, count] of Object.entries(undelivered)) note(reason, count);
  const firsts = results.flatMap(({ firstAt }) => firstAt ?? []);
  const lasts = results.flatMap(({ lastAt }) => lastAt ?? []);
  const drops = results.flatMap(({ dropped }) => dropped ?? []);
  return {
    packets: sum(results.map(({ packets }) => packets)),
    bytesRead: sum(results.map(({ bytesRead }) => bytesRead)),
    rows: tickets.rows,
    firstAt: firsts.length > 0 ? Math.min(...firsts) : undefined,
    lastAt: lasts.length > 0 ? Math.max(...lasts) : undefined,
    dropped: drops.length > 0 ? sum(drops) : undefined,
    reasons,
    malformed: sum(Object.entries(reasons).map(([reason, count]) => (soundReasons.has(reason) ? 0 : count))),
    state: results.some(({ state }) => state === 'partial') ? 'partial' : 'complete',
    results,
  };
};

const importsRow = (
  stream: CaptureStream,
  options: LabelOptions,
  tickets: LabelledTickets,
  summary: ImportSummary,
): SealedBatch => {
  const { interner } = tickets.probe;
  const batch = new Batch(imports, interner, 1);
  const { columns } = batch;
  const row = batch.begin();
  columns.source[row] = interner.code(options.source);
  columns.vantage[row] = interner.code(options.vantage);
  columns.reported_at[row] = tickets.probe.clock;
  columns.id[row] = interner.code(options.source);
  columns.kind[row] = interner.code('capture');
  columns.name[row] = interner.code(stream.name);
  columns.sha256[row] = interner.code(stream.sha256);
  columns.byte_count[row] = summary.bytesRead;
  columns.row_count[row] = summary.rows;
  columns.first_at[row] = summary.firstAt ?? Number.NaN;
  columns.last_at[row] = summary.lastAt ?? Number.NaN;
  columns.dropped[row] = summary.dropped ?? Number.NaN;
  columns.malformed[row] = summary.malformed;
  columns.state[row] = interner.code(summary.state);
  const reasons = Object.entries(summary.reasons).sort(([a], [b]) => (a < b ? -1 : 1));
  columns.reasons[row] = interner.code(reasons.map(([reason, count]) => `${reason}=${count}`).join(' '));
  columns.packet_count[row] = summary.packets;
  columns.databases[row] = interner.code(options.addresses.version);
  batch.end();
  return sealBatch(batch);
};
