/** Captures into a store, one after the other, each once. */
import { basename } from 'node:path';
import { openCapture } from '../capture/open-capture.ts';
import type { SessionFile } from '../imports/session-file.ts';
import {
  type CaptureStream,
  continueCaptures,
  finishCaptures,
  type ImportProgress,
  importCaptures,
} from '../pipeline/import-captures.ts';
import { hashContent, importId } from '../pipeline/import-id.ts';
import { importSessions } from '../pipeline/import-sessions.ts';
import type { ImportSummary } from '../pipeline/import-summary.ts';
import type { Import } from '../store/index.ts';
import type { CommonOptions } from './command-line.ts';
import { ContinuedStream } from './continued-stream.ts';
import type { Progress } from './progress.ts';
import { spool } from './spool-stdin.ts';
import { openWorkspace, type ShapeFlags } from './workspace.ts';

export interface Imported {
  readonly name: string;
  readonly id: string;
  readonly state: 'imported' | 'already imported';
  /** SHA-256 of what was read, hexadecimal; '' where nothing was. */
  readonly sha256: string;
  /** Only of what was read now. */
  readonly summary?: ImportSummary;
  /** Flows of the stream that stay open. */
  readonly openFlows?: number;
  /** How long before the end of what the stream had its first packet was, microseconds, if it was before. */
  readonly lateUs?: number;
}

/** What became of the session file that `--sessions` names. */
export interface ImportedSessions {
  readonly name: string;
  readonly id: string;
  readonly state: Imported['state'];
  readonly file: SessionFile;
}

export interface Importer {
  /** Imports the rows of the session file; undefined if none is named. */
  addSessions(): Promise<ImportedSessions | undefined>;
  /** Imports a file, or standard input (`-`), which begins with empty tables and leaves nothing open. */
  add(path: string): Promise<Imported>;
  /** Imports it as the next one of the stream that goes on. `stop` ends that without a trace. */
  next(path: string, stop?: AbortSignal): Promise<Imported>;
  /** Ends that stream: what is open becomes tickets. Undefined if nothing is open. */
  finish(): Promise<Imported | undefined>;
  /** Ends it without what is open, of which nothing is written. Undefined if nothing is open. */
  giveUp(): Promise<Imported | undefined>;
  /** Has the stream that goes on read this content already? By its SHA-256, hexadecimal. */
  hasRead(sha256: string): Promise<boolean>;
  /** Where the checkpoints of that stream are. */
  readonly checkpoints: string;
}

/** A capture? Asked before gigabytes of something else are hashed. Throws what `openCapture` throws. */
const requireCapture = async (path: string): Promise<void> => {
  const capture = await openCapture(path, { frame: () => {} }, 1 << 14);
  await capture.close();
};

/** Finds what identifies a file, or standard input put aside, and lets it be read. */
const withInput = async <T>(path: string, use: (stream: CaptureStream) => Promise<T>): Promise<T> => {
  const aside = path === '-' ? await spool(process.stdin) : undefined;
  try {
    if (aside === undefined) await requireCapture(path);
    const inputs = (): CaptureStream['inputs'] => [aside?.read() ?? path];
    return await use({ inputs: inputs(), name: basename(path), ...(await hashContent(inputs())) });
  } finally {
    await aside?.close();
  }
};

/** Opens store, key, rules and databases. */
export const startImporter = async (flags: CommonOptions & ShapeFlags, progress: Progress): Promise<Importer> => {
  const workspace = await openWorkspace(flags);
  const { store, options, shape } = workspace;
  const stream = new ContinuedStream(workspace);
  /** Writes the rows of an import that stands alone, and commits them. */
  const asImport = async <T>(
    id: string,
    write: (run: Import) => Promise<T>,
  ): Promise<{ result: T; added: boolean }> => {
    const run = store.beginImport(id);
    try {
      const result = await write(run);
      return { result, ...(await run.commit()) };
    } catch (error) {
      await run.abort();
      throw error;
    }
  };
  const watch =
    (name: string) =>
    (at: ImportProgress): void =>
      progress.update(name, at.bytesRead, at.totalBytes, at.packets);
  const told = (
    { name, sha256 }: { readonly name: string; readonly sha256: string },
    id: string,
    added: boolean,
    summary: ImportSummary,
  ): Imported => ({ name, id, sha256, ...(added ? { state: 'imported', summary } : { state: 'already imported' }) });

  const end = async (name: string, isKept: boolean): Promise<Imported | undefined> => {
    if (await stream.isFinished()) return undefined;
    await stream.tickets(isKept);
    const id = importId(name, { ...shape, turn: stream.turn(true).number });
    const { result, added } = await stream.take(id, undefined, async (tickets, run) => ({
      result: await finishCaptures(tickets, id, name, run),
    }));
    return told({ name, sha256: '' }, id, added, result);
  };

  const importNext: Importer['next'] = (path, stop) =>
    withInput(path, async (input) => {
      const { name, sha256 } = input;
      const id = importId(sha256, { ...shape, continued: true });
      if (await stream.hasRead(sha256)) return { name, id, sha256, state: 'already imported' };
      const onProgress = (at: ImportProgress): void => {
        stop?.throwIfAborted();
        watch(name)(at);
      };
      try {
        const { probe } = await stream.tickets();
        const { clock } = probe;
        const { result, added } = await stream.take(id, sha256, async (tickets, run) => {
          const { summary, checkpoint } = await continueCaptures(tickets, id, input, run, onProgress);
          return { result: summary, checkpoint };
        });
        const lateUs = clock - (result.firstAt ?? Number.NaN);
        const openFlows = probe.flows.size;
        return { ...told(input, id, added, result), openFlows, ...(lateUs > 0 ? { lateUs } : {}) };
      } finally {
        progress.clear();
      }
    });

  return {
    addSessions: async () => {
      const { sessions: file } = workspace;
      if (file === undefined || flags.sessions === undefined) return undefined;
      const name = basename(flags.sessions);
      const { vantage, keepAddresses, localNets } = options;
      const id = importId(file.sha256, { kind: 'sessions', vantage, keepAddresses, localNets: localNets.toString() });
      if (await store.hasImport(id)) return { name, id, state: 'already imported', file };
      const { added } = await asImport(id, (run) => importSessions(file, { ...options, source: id, name }, run));
      return { name, id, state: added ? 'imported' : 'already imported', file };
    },
    add: (path) =>
      withInput(path, async (input) => {
        const { name } = input;
        const id = importId(input.sha256, shape);
        if (await store.hasImport(id)) return { name, id, sha256: input.sha256, state: 'already imported' };
        try {
          const importInto = (run: Import) => importCaptures(input, { ...options, source: id }, run, watch(name));
          const { result, added } = await asImport(id, importInto);
          return told(input, id, added, result);
        } finally {
          progress.clear();
        }
      }),
    next: importNext,
    finish: () => end('end of the stream', true),
    giveUp: () => end('given up', false),
    hasRead: (sha256) => stream.hasRead(sha256),
    checkpoints: workspace.checkpoints,
  };
};
