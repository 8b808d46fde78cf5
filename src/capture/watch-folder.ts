/** A folder that another program writes captures into, one after the other: which of them are finished, and which vanished before. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openCapture } from './open-capture.ts';
import { firstPacketAt } from './order-by-time.ts';
import { readCapture } from './read-capture.ts';

/** What of a file changes if its content does. */
export interface FileState {
  readonly inode: number;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

interface FinishedFile extends FileState {
  readonly path: string;
}

export interface Look {
  /** Files that are finished since the last look, in the order of their first packets. */
  readonly finished: readonly FinishedFile[];
  /** Paths of files that are gone and were never told to be finished. */
  readonly vanished: readonly string[];
}

interface Entry {
  state: FileState;
  /** When it was seen to change last, by the clock of `look`. */
  changedAt: number;
  /** Time of the first packet; infinite if there is none so far, minus that if it is no capture. Undefined: not looked for yet. */
  firstAt: number | undefined;
  isTold: boolean;
}

/** Two programs may write into one folder: that a newer file is there does not make the older one finished at once. */
const REPLACED_MS = 2000;

const isSame = (a: FileState, b: FileState): boolean =>
  a.inode === b.inode && a.bytes === b.bytes && a.modifiedAt === b.modifiedAt;

/** Is it a capture, or may it become one, being empty still? */
const isCapture = async (path: string): Promise<boolean> => {
  try {
    await (await openCapture(path, { frame: () => {} }, 1 << 12)).close();
    return true;
  } catch {
    return false;
  }
};

const firstAtOf = async (path: string): Promise<number> =>
  (await firstPacketAt(path)) ?? ((await isCapture(path)) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);

/** Does it end with a whole record? Reads all of it. */
const isWhole = async (path: string): Promise<boolean> => {
  try {
    return (await readCapture(path, { frame: () => {} })).state === 'complete';
  } catch {
    // Whoever imports it meets the same error, and is the one to tell it.
    return true;
  }
};

const byFirstPacket = ([a, { firstAt: x }]: [string, Entry], [b, { firstAt: y }]: [string, Entry]): number =>
  x === y ? (a < b ? -1 : 1) : x! < y! ? -1 : 1;

/**
 * A file is finished when one with later packets is there and it rests, or when it has rested for long and ends with a
 * whole record. One that changes after that (rings are written again from the first file on) is another file. What is no
 * capture is passed over.
 */
export class WatchedFolder {
  readonly #folder: string;
  readonly #settleMs: number;
  readonly #isKnown: (path: string, state: FileState) => boolean;
  readonly #entries = new Map<string, Entry>();

  /**
   * @param settleMs rest that finishes a file behind which no other comes
   * @param isKnown files that need not be told
   */
  constructor(folder: string, settleMs: number, isKnown: (path: string, state: FileState) => boolean = () => false) {
    this.#folder = folder;
    this.#settleMs = settleMs;
    this.#isKnown = isKnown;
  }

  /** Was the file there at the last look? */
  holds(path: string): boolean {
    return this.#entries.has(path);
  }

  /**
   * Looks at the folder. `now`: milliseconds since 1970.
   *
   * @throws the system's error if the folder cannot be listed
   */
  async look(now: number): Promise<Look> {
    const vanished = await this.#update(now);
    let newestAt = Number.NEGATIVE_INFINITY;
    for (const [path, entry] of this.#entries) {
      entry.firstAt ??= await firstAtOf(path);
      newestAt = Math.max(newestAt, entry.firstAt);
    }
    const finished: [string, Entry][] = [];
    for (const [path, entry] of [...this.#entries].sort(byFirstPacket)) {
      if (entry.isTold || entry.firstAt === Number.NEGATIVE_INFINITY) continue;
      // What comes later waits for what is not finished yet.
      if (!(await this.#isFinished(path, entry, newestAt, now))) break;
      entry.isTold = true;
      finished.push([path, entry]);
    }
    return { finished: finished.map(([path, { state }]) => ({ path, ...state })), vanished };
  }

  /** Takes over what the folder holds now; the paths of files that vanished. */
  async #update(now: number): Promise<string[]> {
    const found = new Set<string>();
    for (const entry of await readdir(this.#folder, { withFileTypes: true })) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      const path = join(this.#folder, entry.name);
      const status = await stat(path).catch(() => undefined);
      if (status === undefined) continue;
      found.add(path);
      const state = { inode: status.ino, bytes: status.size, modifiedAt: status.mtimeMs };
      const known = this.#entries.get(path);
      if (known !== undefined && isSame(known.state, state)) continue;
      const isTold = this.#isKnown(path, state);
      // A file that is there at the first look may have rested for long.
      const changedAt = known === undefined ? Math.min(now, state.modifiedAt) : now;
      const isGrown = known !== undefined && known.state.inode === state.inode && known.state.bytes <= state.bytes;
      const firstAt = isGrown && Number.isFinite(known.firstAt) ? known.firstAt : undefined;
      this.#entries.set(path, { state, changedAt, firstAt, isTold });
    }
    const vanished: string[] = [];
    for (const [path, { isTold }] of this.#entries) {
      if (found.has(path)) continue;
      this.#entries.delete(path);
      if (!isTold) vanished.push(path);
    }
    return vanished;
  }

  async #isFinished(path: string, entry: Entry, newestAt: number, now: number): Promise<boolean> {
    const restedMs = now - entry.changedAt;
    if (entry.firstAt! < newestAt) return restedMs >= Math.min(REPLACED_MS, this.#settleMs);
    if (restedMs < this.#settleMs) return false;
    if (await isWhole(path)) return true;
    // Looked at again when it has rested as long again.
    entry.changedAt = now;
    return false;
  }
}
