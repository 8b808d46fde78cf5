/** `sonde import --watch`: the captures of a folder as one stream, each when it is finished, until somebody stops it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FileState, WatchedFolder } from '../capture/watch-folder.ts';
import { SondeError } from '../kit/errors.ts';
import type { Imported, Importer } from './importer.ts';

const LOOK_EVERY_MS = 1000;

export interface WatchOptions {
  readonly folder: string;
  /** Rest that finishes a file behind which no other comes. */
  readonly settleMs: number;
  readonly stop: AbortSignal;
  readonly onImported: (imported: Imported) => void;
  /** A file is gone that was not imported. */
  readonly onVanished: (path: string) => void;
  /** Told of what cannot be imported; what it throws ends the watch. */
  readonly onFailure: (error: SondeError) => void;
}

/** What tells that a file is still the same, and what it holds, so that it need not be read again to know it. */
interface Note extends FileState {
  readonly content: string;
}

/** By path. Notes that cannot be read are no notes, and one of what another store had is none: the file is read instead. */
const readNotes = async (path: string, importer: Importer): Promise<Map<string, Note>> => {
  const notes = new Map<string, Note>();
  try {
    for (const [file, note] of Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, Note>)) {
      if (await importer.hasRead(note.content)) notes.set(file, note);
    }
  } catch {
    notes.clear();
  }
  return notes;
};

const writeNotes = (path: string, notes: ReadonlyMap<string, Note>): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, JSON.stringify(Object.fromEntries(notes)), { mode: 0o600 });
};

/** Imports until `stop`: the file that is read then is left, and imported the next time. */
export const watchFolder = async (importer: Importer, options: WatchOptions): Promise<void> => {
  const { settleMs, stop } = options;
  const folder = resolve(options.folder);
  const notesPath = join(importer.checkpoints, 'watched.json');
  const notes = await readNotes(notesPath, importer);
  const isKnown = (path: string, state: FileState): boolean => {
    const note = notes.get(path);
    return note?.inode === state.inode && note.bytes === state.bytes && note.modifiedAt === state.modifiedAt;
  };
  const watched = new WatchedFolder(folder, settleMs, isKnown);
  while (!stop.aborted) {
    const { finished, vanished } = await watched.look(Date.now()).catch((error: unknown) => {
      throw new SondeError(
        'SONDE_INPUT_UNREADABLE',
        `cannot be listed: ${(error as Error).message}`,
        { folder },
        'check path and permissions',
        error,
      );
    });
    for (const path of vanished) options.onVanished(path);
    for (const { path, ...state } of finished) {
      if (stop.aborted) return;
      const imported = await importOne(path, importer, options);
      if (imported === undefined) continue;
      options.onImported(imported);
      notes.set(path, { ...state, content: imported.content });
      for (const noted of notes.keys()) if (dirname(noted) === folder && !watched.holds(noted)) notes.delete(noted);
      writeNotes(notesPath, notes);
    }
    if (finished.length === 0) await sleep(LOOK_EVERY_MS, undefined, { signal: stop }).catch(() => undefined);
  }
};

const importOne = async (path: string, importer: Importer, options: WatchOptions): Promise<Imported | undefined> => {
  try {
    return await importer.next(path, options.stop);
  } catch (error) {
    if (options.stop.aborted) return undefined;
    if (!(error instanceof SondeError)) throw error;
    if (error.code === 'SONDE_INPUT_NOT_FOUND') options.onVanished(path);
    else options.onFailure(error);
    return undefined;
  }
};
