/** Captures to tickets: reads the files of one stream, drains batches to the store as they fill, and accounts for everything. */
import type { Hash } from 'node:crypto';
import type { CaptureAccount } from '../capture/capture-account.ts';
import { type CaptureProgress, readCapture } from '../capture/read-capture.ts';
import { SondeError } from '../kit/errors.ts';
import type { SealedBatch } from '../tickets/batch.ts';
import type { ContentDigest } from './content-digest.ts';
import { type ImportSummary, summarise } from './import-summary.ts';
import { importsRow } from './imports-row.ts';
import { type Checkpoint, LabelledTickets, type LabelOptions } from './labelled-tickets.ts';
import { passSilence } from './silence.ts';

/** Where sealed batches go; resolves when the next one may come, and the arrays of this one hold other rows. */
export interface TicketSink {
  write(batch: SealedBatch): Promise<void>;
}

/** The files of one stream, in time order. */
export interface CaptureStream {
  /** Paths, or chunks of bytes of an input that has none. */
  readonly inputs: readonly (string | AsyncIterable<Uint8Array>)[];
  /** For `imports.name`. */
  readonly name: string;
  /** Bytes that they have; if they turn out to have more, that is an error. */
  readonly byteCount?: number;
  /** Fed with all bytes, where they are to be told apart from others. */
  readonly content?: ContentDigest;
  /** The same, for `imports.sha256`. */
  readonly sha256?: Hash;
}

export interface ImportProgress extends CaptureProgress {
  /** Index into the stream's inputs. */
  readonly input: number;
}

/** Hands over the batches that wait. */
export const drain = async (tickets: LabelledTickets, sink: TicketSink): Promise<void> => {
  for (let batch = tickets.sealed.shift(); batch !== undefined; batch = tickets.sealed.shift()) {
    await sink.write(batch);
    tickets.reuse(batch);
  }
};

const readInputs = async (
  tickets: LabelledTickets,
  { inputs, content, sha256 }: CaptureStream,
  sink: TicketSink,
  onProgress: (progress: ImportProgress) => void,
): Promise<CaptureAccount[]> => {
  const digests = [content, sha256].flatMap((digest) => digest ?? []);
  const accounts: CaptureAccount[] = [];
  for (const [i, input] of inputs.entries()) {
    const account = await readCapture(input, tickets.probe, {
      digests,
      between: async (progress) => {
        tickets.tidy();
        await drain(tickets, sink);
        onProgress({ ...progress, input: i });
      },
    });
    accounts.push(account);
    passSilence(tickets, account);
  }
  return accounts;
};

/** Hands over what waits, and last the row of `imports`. */
const account = async (
  tickets: LabelledTickets,
  { name, byteCount = Number.POSITIVE_INFINITY, sha256 }: Omit<CaptureStream, 'inputs'>,
  accounts: readonly CaptureAccount[],
  sink: TicketSink,
): Promise<ImportSummary> => {
  await drain(tickets, sink);
  const summary = summarise(tickets, accounts);
  if (summary.bytesRead > byteCount) throw grown(name, summary.bytesRead);
  await sink.write(importsRow(tickets, { kind: 'capture', name, sha256: sha256?.digest('hex') ?? '' }, summary));
  return summary;
};

/**
 * Imports the files of one stream: open flows and answers carry over from file to file.
 *
 * Every ticket, and at the end the row of `imports`, goes to `sink`. What a capture holds never throws; a file that
 * cannot be read does, or one that grew meanwhile, and then nothing should be committed.
 */
export const importCaptures = async (
  stream: CaptureStream,
  options: LabelOptions,
  sink: TicketSink,
  onProgress: (progress: ImportProgress) => void = () => {},
): Promise<ImportSummary> => {
  const tickets = new LabelledTickets(options);
  const accounts = await readInputs(tickets, stream, sink, onProgress);
  tickets.finish();
  return account(tickets, stream, accounts, sink);
};

/**
 * Imports captures of a stream that goes on: what is open at their end stays so, in `tickets` and in the checkpoint.
 *
 * @param source of the rows that come now, those of flows that began in earlier imports included
 */
export const continueCaptures = async (
  tickets: LabelledTickets,
  source: string,
  stream: CaptureStream,
  sink: TicketSink,
  onProgress: (progress: ImportProgress) => void = () => {},
): Promise<{ readonly summary: ImportSummary; readonly checkpoint: Checkpoint }> => {
  tickets.begin(source);
  const accounts = await readInputs(tickets, stream, sink, onProgress);
  const checkpoint = tickets.checkpoint();
  return { summary: await account(tickets, stream, accounts, sink), checkpoint };
};

/** Ends a stream: what is open becomes tickets, as an import without an input. */
export const finishCaptures = async (
  tickets: LabelledTickets,
  source: string,
  name: string,
  sink: TicketSink,
): Promise<ImportSummary> => {
  tickets.begin(source);
  tickets.finish();
  return account(tickets, { name }, [], sink);
};

/** A capture that is still being written would be imported again, with the same packets, once it is whole. */
const grown = (file: string, bytes: number): SondeError =>
  new SondeError(
    'SONDE_INPUT_UNREADABLE',
    'it grew while it was read',
    { file, bytes },
    'import it when it is finished',
  );
