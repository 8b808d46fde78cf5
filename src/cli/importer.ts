/** Captures, and records of other people, into a store, one after the other, each once. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { openCapture } from '../capture/open-capture.ts';
import type { CsvAccount } from '../imports/csv-file.ts';
import { detectRecords, RECORD_DETECTION_BYTES } from '../imports/detect-records.ts';
import { readKpiFile } from '../imports/kpi-file.ts';
import { SondeError } from '../kit/errors.ts';
import { ContentDigest } from '../pipeline/content-digest.ts';
import {
  type CaptureStream,
  continueCaptures,
  finishCaptures,
  type ImportProgress,
  importCaptures,
} from '../pipeline/import-captures.ts';
import { beginningOf, contentOf, importId, markOf } from '../pipeline/import-id.ts';
import { importKpi } from '../pipeline/import-kpi.ts';
import { importSessions } from '../pipeline/import-sessions.ts';
import type { ImportSummary } from '../pipeline/import-summary.ts';
import type { LabelOptions } from '../pipeline/labelled-tickets.ts';
import { attemptTransaction, type TicketImport } from '../store/index.ts';
import type { CommonOptions } from './command-line.ts';
import { ContinuedStream } from './continued-stream.ts';
import type { Progress } from './progress.ts';
import { type Spool, spool } from './spool-stdin.ts';
import type { Terminal } from './terminal.ts';
import { openWorkspace, type ShapeFlags } from './workspace.ts';

export interface Imported {
  readonly name: string;
  readonly id: string;
  readonly state: 'imported' | 'already imported';
  /** Digest of what was read; '' where nothing was. */
  readonly content: string;
  /** Only of packets that were read now. */
  readonly summary?: ImportSummary;
  /** What a file of records has. */
  readonly records?: CsvAccount & { readonly unit: 'session' | 'value'; readonly count: number };
  /** Flows of the stream that stay open. */
  readonly openFlows?: number;
  /** How long before the end of what the stream had its first packet was, microseconds, if it was before. */
  readonly lateUs?: number;
}

export interface Importer {
  /** Imports the rows of the session file; undefined if none is named. */
  addSessions(): Promise<Imported | undefined>;
  /** Imports a file, or standard input (`-`), which begins with empty tables and leaves nothing open. */
  add(path: string): Promise<Imported>;
  /** Imports it as the next one of the stream that goes on, by the rules as their files are now. `stop` ends that without a trace. */
  next(path: string, stop?: AbortSignal): Promise<Imported>;
  /** Ends that stream: what is open becomes tickets. Undefined if nothing is open. */
  finish(): Promise<Imported | undefined>;
  /** Ends it without what is open, of which nothing is written. Undefined if nothing is open. */
  giveUp(): Promise<Imported | undefined>;
  /** Has the stream that goes on read this already? By its digest. */
  hasRead(content: string): Promise<boolean>;
  /** Where the checkpoints of that stream are. */
  readonly checkpoints: string;
}

/** A file, or standard input put aside. */
interface Input {
  readonly name: string;
  readonly byteCount: number;
  /** Undefined for a capture. */
  readonly records: 'kpi' | undefined;
  /** By `markOf`. */
  readonly mark: string;
  /** All bytes from the first one on; may be called again. */
  readonly open: () => string | AsyncIterable<Uint8Array>;
}

/** Bytes of a capture. Throws what `openCapture` throws, if it is none. */
const sizeOfCapture = async (path: string): Promise<number> => {
  const capture = await openCapture(path, { frame: () => {} }, 1 << 14);
  await capture.close();
  return capture.raw.totalBytes ?? Number.POSITIVE_INFINITY;
};

type About = Pick<Input, 'byteCount' | 'records'>;

/** Throws what `openCapture` throws, if it is neither a capture nor records. */
const aboutFile = async (path: string): Promise<About> => {
  try {
    return { byteCount: await sizeOfCapture(path), records: undefined };
  } catch (error) {
    if (!(error instanceof SondeError) || error.code !== 'SONDE_FORMAT_UNKNOWN') throw error;
    const records = detectRecords(await beginningOf(path, RECORD_DETECTION_BYTES));
    if (records === undefined) throw error;
    return { byteCount: (await stat(path)).size, records };
  }
};

const aboutSpool = async ({ byteCount, read }: Spool): Promise<About> => ({
  byteCount,
  records: detectRecords(await beginningOf(read(), RECORD_DETECTION_BYTES)),
});

const withInput = async <T>(path: string, use: (input: Input) => Promise<T>): Promise<T> => {
  const aside = path === '-' ? await spool(process.stdin) : undefined;
  try {
    const open = (): string | AsyncIterable<Uint8Array> => aside?.read() ?? path;
    const about = aside === undefined ? await aboutFile(path) : await aboutSpool(aside);
    return await use({ ...about, name: basename(path), mark: await markOf(open(), about.byteCount), open });
  } finally {
    await aside?.close();
  }
};

/** Opens store, key, rules and databases. @param warn hears of what goes wrong beside the imports */
export const startImporter = async (
  flags: CommonOptions & ShapeFlags,
  env: Terminal['env'],
  progress: Progress,
  warn: (error: SondeError) => void,
): Promise<Importer> => {
  const workspace = await openWorkspace(flags, env);
  const { store, options, shape, rules } = workspace;
  const stream = new ContinuedStream(workspace);
  const captureOf = ({ name, byteCount, open }: Input): CaptureStream & { readonly content: ContentDigest } => ({
    name,
    byteCount,
    inputs: [open()],
    content: new ContentDigest(options.key),
    ...(flags.sha256 ? { sha256: createHash('sha256') } : {}),
  });
  /** Writes the rows of an import that stands alone, and commits them. */
  const asImport = async <T>(
    id: string,
    write: (run: TicketImport) => Promise<{ readonly result: T; readonly content: string }>,
  ): Promise<{ readonly result: T; readonly content: string; readonly added: boolean }> => {
    const run = store.beginImport(id);
    try {
      const { result, content } = await write(run);
      return { result, content, ...(await run.commit({ content })) };
    } catch (error) {
      await run.abort();
      throw error;
    }
  };
  const watch =
    (name: string) =>
    (at: ImportProgress): void =>
      progress.update(name, at.bytesRead, at.totalBytes, at.packets);
  const told = (name: string, id: string, content: string, added: boolean, summary: ImportSummary): Imported => ({
    name,
    id,
    content,
    ...(added ? { state: 'imported', summary } : { state: 'already imported' }),
  });

  const end = async (name: string, isKept: boolean): Promise<Imported | undefined> => {
    if (await stream.isFinished()) return undefined;
    await stream.tickets(isKept);
    const id = importId(name, { ...shape, turn: stream.turn(true).number });
    const { result, content, added } = await stream.take(id, async (tickets, run) => ({
      result: await finishCaptures(tickets, id, name, run),
    }));
    return told(name, id, content, added, result);
  };

  /** Records, whose ids go by their whole content and by the options that shape them. */
  const addRecords = async (
    name: string,
    kind: 'sessions' | 'kpi',
    records: NonNullable<Imported['records']>,
    write: (about: LabelOptions & { readonly name: string }, run: TicketImport) => Promise<void>,
  ): Promise<Imported> => {
    const { vantage, keepAddresses, localNets } = options;
    const content = records.sha256;
    const id = importId(content, { kind, vantage, keepAddresses, localNets: localNets.toString() });
    if (await store.hasImport(id)) return { name, id, content, state: 'already imported', records };
    const { added } = await asImport(id, async (run) => ({
      result: await write({ ...options, source: id, name }, run),
      content,
    }));
    return { name, id, content, state: added ? 'imported' : 'already imported', records };
  };

  const addKpi = async ({ name, open }: Input): Promise<Imported> => {
    const file = await readKpiFile(open(), name);
    const { values, ...account } = file;
    const records = { ...account, unit: 'value', count: values.length } as const;
    return addRecords(name, 'kpi', records, (about, run) => importKpi(file, about, run));
  };

  const add: Importer['add'] = (path) =>
    withInput(path, async (input) => {
      if (input.records !== undefined) return addKpi(input);
      const { name, mark } = input;
      let id = importId(mark, shape);
      // Nearly always the same capture again; but only all of its bytes tell.
      if (await store.hasImport(id)) {
        const content = await contentOf(input.open(), options.key);
        const other = importId(content, shape);
        for (const known of [id, other]) {
          if (await store.has(attemptTransaction(known, content)))
            return { name, id: known, content, state: 'already imported' };
        }
        id = other;
      }
      try {
        const { result, content, added } = await asImport(id, async (run) => {
          const capture = captureOf(input);
          const summary = await importCaptures(capture, { ...options, source: id }, run, watch(name));
          return { result: summary, content: capture.content.digest() };
        });
        return told(name, id, content, added, result);
      } finally {
        progress.clear();
      }
    });

  const importNext: Importer['next'] = (path, stop) =>
    withInput(path, async (input) => {
      if (input.records !== undefined) return addKpi(input);
      const { name, mark } = input;
      const isMarkKnown = await stream.hasRead(mark);
      const known = isMarkKnown ? await contentOf(input.open(), options.key) : undefined;
      const id = importId(known ?? mark, { ...shape, continued: true });
      if (known !== undefined && (await stream.hasRead(known)))
        return { name, id, content: known, state: 'already imported' };
      const onProgress = (at: ImportProgress): void => {
        stop?.throwIfAborted();
        watch(name)(at);
      };
      try {
        const tickets = await stream.tickets();
        tickets.useCatalog(rules.renew(warn));
        const { probe } = tickets;
        const { clock } = probe;
        const { result, content, added } = await stream.take(id, async (tickets, run) => {
          const capture = captureOf(input);
          const { summary, checkpoint } = await continueCaptures(tickets, id, capture, run, onProgress);
          const content = capture.content.digest();
          return { result: summary, checkpoint, content, read: isMarkKnown ? [content] : [mark, content] };
        });
        const lateUs = clock - (result.firstAt ?? Number.NaN);
        const openFlows = probe.flows.size;
        return { ...told(name, id, content, added, result), openFlows, ...(lateUs > 0 ? { lateUs } : {}) };
      } finally {
        progress.clear();
      }
    });

  const tidied = async (imported: Imported): Promise<Imported> => {
    if (imported.state === 'imported') await store.tidy(warn);
    return imported;
  };

  return {
    addSessions: async () => {
      const { sessions: file } = workspace;
      if (file === undefined || flags.sessions === undefined) return undefined;
      const { feed, ...account } = file;
      const records = { ...account, unit: 'session', count: feed.size } as const;
      return addRecords(basename(flags.sessions), 'sessions', records, (about, run) =>
        importSessions(file, about, run),
      );
    },
    add: async (path) => tidied(await add(path)),
    next: async (path, stop) => tidied(await importNext(path, stop)),
    finish: () => end('end of the stream', true),
    giveUp: () => end('given up', false),
    hasRead: (content) => stream.hasRead(content),
    checkpoints: workspace.checkpoints,
  };
};
