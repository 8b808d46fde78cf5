/** The log of one table by the open Delta protocol (github delta-io/delta, PROTOCOL.md): what is in it, and adding to it. */
import { randomUUID } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SondeError } from '../../kit/errors.ts';
import type { Table } from '../../tickets/column.ts';
import { overtaken, type Problem, writeFailed } from '../store-errors.ts';
import { type Bound, CHECKPOINT_EVERY, isWithin, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { type Action, type CommitInfo, parseCommit, writeCommit } from './delta-commit.ts';
import { mergeFields, toColumns, writeSchema } from './delta-schema.ts';
import { hasNewerKind, readForeignCheckpoint } from './foreign-checkpoint.ts';
import type { Transactions } from './reached.ts';
import { addAction, removeAction, type Segment, type WrittenSegment } from './segment.ts';
import { features, type Replaced, TableState } from './table-state.ts';
import { isForgettable, type Transaction } from './transaction.ts';
import { Turns } from './turns.ts';
import { systemCode, writeOnce } from './write-once.ts';

/** How long a checkpoint tells that a file has left the table; after that it is one that no commit names. */
const TOMBSTONES_MS = 24 * 3_600_000;

const commitName = (version: number): string => `${String(version).padStart(20, '0')}.json`;

/** What a commit does. */
export interface Commit extends CommitInfo {
  /** Tells whether the log has it already; a commit that removes segments can do without, for they are removed once. */
  readonly transaction?: Transaction;
  readonly segments: readonly WrittenSegment[];
  /** The version of its application after which the transaction comes: not after a later one that somebody else made. */
  readonly follows?: number | undefined;
  /** Must be new as well: if the log knows one of them, somebody else was first. */
  readonly claims?: readonly Transaction[];
  /** Files that leave the table; each must be in it. */
  readonly removed?: readonly string[];
  /** The rows stay what they are, in other segments: who follows the changes of the table passes over it. */
  readonly isRewrite?: boolean;
}

/**
 * What became of a commit. Nothing was written if the log knows its transaction, or if a file that it removes is not in
 * the table any more, or the application has come further: then what was to take the place of that is out of date.
 */
export type Outcome = 'added' | 'known' | 'conflict';

/**
 * The state of a table's log, brought up to date by `refresh` and extended by `append`.
 *
 * The log is read from its newest checkpoint upwards and each commit once. At a commit that is missing or not what was
 * written, and that no later checkpoint covers, the reading stops for good and `problem` names it: a later commit may
 * replace segments of an unread one (compaction), so that going on could show rows twice. What lies before stays
 * readable; nothing is appended, for nobody could know whether it is there already.
 */
export class DeltaLog {
  readonly table: Table;
  /** The table's folder. */
  readonly folder: string;
  problem: Problem | undefined;
  #state = new TableState();
  /** Version of the newest checkpoint that is known. */
  #checkpointed = 0;
  readonly #turns = new Turns();
  readonly #bound: Bound;
  readonly #importsLog: DeltaLog | undefined;

  /**
   * @param database the folder that holds the tables
   * @param bound what nothing is read of: the table as it was before, to which nothing can be added
   * @param importsLog for a table whose rows show when the table of imports has their transaction: the log of that
   */
  constructor(database: string, table: Table, bound: Bound = {}, importsLog?: DeltaLog) {
    this.table = table;
    this.folder = join(database, table.name);
    this.#bound = bound;
    this.#importsLog = importsLog;
  }

  /** The newest version that was read; -1 for a table that does not exist. */
  get version(): number {
    return this.#state.version;
  }

  /** The version of the log of imports that one must know to read the table; -1 if any does. */
  get importsVersion(): number {
    return this.#state.importsVersion;
  }

  /** By file name, in the order of the commits. */
  get segments(): ReadonlyMap<string, Segment> {
    return this.#state.segments;
  }

  /** Files that left the table, with the time at which they did (milliseconds since 1970). */
  get removed(): ReadonlyMap<string, number> {
    return this.#state.removed;
  }

  /** By file name: segments that rewrites replaced which are not known to be complete. */
  get replaced(): ReadonlyMap<string, Replaced> {
    return this.#state.replaced;
  }

  /** Tells which rewrites are complete, so that what they replaced is gone for good. */
  forgetReplaced(isComplete: (by: Transaction) => boolean): void {
    this.#state.forgetReplaced(isComplete);
  }

  /** By application id: where rewrites changed rows, whether they are complete or not. */
  get rewrites(): TableState['rewrites'] {
    return this.#state.rewrites;
  }

  /** How far each application has come; imports and streams only as far as the log of imports has not. */
  get transactions(): Transactions {
    return this.#state.reached.all;
  }

  /** The application id of the attempt at an import; undefined if there was none. */
  attemptAt(id: string): string | undefined {
    return this.#state.reached.attemptAt(id);
  }

  /** The table as the log describes it; undefined if there is none, or it has columns of kinds that Sonde has not. */
  get stored(): Table | undefined {
    const columns = this.version < 0 ? undefined : toColumns(this.#state.fields);
    return columns && { name: this.table.name, doc: String(this.#state.metaData?.description ?? ''), columns };
  }

  /** Reads the commits that others have made since. */
  refresh(): Promise<void> {
    return this.#turns.take(() => this.#read());
  }

  /**
   * Is the transaction in the log, as of now?
   *
   * @throws SONDE_STORE_CORRUPT if the log cannot be read to its end, for then nobody knows
   */
  has(transaction: Transaction): Promise<boolean> {
    return this.#turns.take(async () => {
      await this.#read();
      return this.#knows(transaction);
    });
  }

  /**
   * Commits, once. Whoever comes second to a version number takes the next one, after reading what came between, and
   * looking again whether the commit still stands.
   *
   * @throws SONDE_STORE_CORRUPT if the log cannot be read to its end, SONDE_STORE_WRITE_FAILED, SONDE_STREAM_OVERTAKEN
   * if it knows one of the claims
   */
  append(commit: Commit): Promise<Outcome> {
    const { transaction, segments, follows, claims = [], removed = [], isRewrite = false, ...info } = commit;
    const transactions = [...(transaction === undefined ? [] : [transaction]), ...claims];
    return this.#turns.take(async () => {
      for (;;) {
        await this.#read();
        if (transaction !== undefined && (this.#knows(transaction) || (await this.#isForgotten(transaction))))
          return 'known';
        for (const claim of claims) if (this.#knows(claim)) throw overtaken(claim);
        this.#requireWhole();
        if (!removed.every((file) => this.segments.has(file))) return 'conflict';
        if (follows !== undefined && this.#state.reached.version(transaction!.appId) !== follows) return 'conflict';
        const at = Date.now();
        const actions = [
          ...this.#describe(at),
          ...transactions.map((txn) => ({ txn: { ...txn, lastUpdated: at } })),
          ...removed.map((file) => removeAction(file, at, !isRewrite)),
          ...segments.map((segment) => addAction(segment, at, !isRewrite, transaction)),
        ];
        const version = this.version + 1;
        const path = this.#path(version);
        const won = await writeOnce(path, writeCommit(actions, at, info)).catch((error: unknown) => {
          throw writeFailed(error, { file: path });
        });
        if (won) {
          this.#state.apply([{ commitInfo: { ...info } }, ...actions], version);
          if (version % CHECKPOINT_EVERY === 0 && this.#isCheckpointDue()) await this.#checkpoint(at);
          return 'added';
        }
      }
    });
  }

  #path(version: number): string {
    return join(this.folder, '_delta_log', commitName(version));
  }

  #knows({ appId, version }: Transaction): boolean {
    this.#requireWhole();
    return this.#state.reached.version(appId) >= version;
  }

  /** Was it forgotten here, because the log of imports has it? Asked after reading, for none is forgotten before that has it. */
  async #isForgotten(transaction: Transaction): Promise<boolean> {
    return this.#importsLog !== undefined && isForgettable(transaction) && (await this.#importsLog.has(transaction));
  }

  #requireWhole(): void {
    if (this.problem === undefined) return;
    const { table, file, reason } = this.problem;
    throw new SondeError(
      'SONDE_STORE_CORRUPT',
      `the log of table ${table} cannot be read to its end: ${reason}`,
      { table, file },
      'restore the file from a copy of the store; until then nothing is added to this table',
    );
  }

  async #read(): Promise<void> {
    // Looked up before reading, so that a commit made meanwhile is not taken for one behind a gap.
    const last = this.version < 0 ? await this.#lastVersion() : this.version;
    if (this.version < 0) await this.#skip();
    const end = this.#bound.version ?? Number.POSITIVE_INFINITY;
    while (this.problem === undefined && this.version < end) {
      const file = `_delta_log/${commitName(this.version + 1)}`;
      const text = await readFile(this.#path(this.version + 1), 'utf8').catch((error: unknown) => {
        if (systemCode(error) === 'ENOENT') return undefined;
        throw new SondeError('SONDE_STORE_UNREADABLE', 'cannot read the log of a table', { file }, '', error);
      });
      if (text === undefined && this.version >= last && (await this.#isAtEnd())) return;
      const actions = text === undefined ? undefined : parseCommit(text);
      if (actions !== undefined && !isWithin(this.#bound, actions)) return;
      const reason =
        text === undefined
          ? await this.#whyMissing()
          : actions === undefined
            ? 'the commit is not what was written'
            : this.#state.apply(actions, this.version + 1);
      if (reason !== undefined && !(await this.#skip()) && !(await this.#skip(readForeignCheckpoint)))
        this.problem = { table: this.table.name, file, reason };
    }
  }

  async #whyMissing(): Promise<string> {
    return (await hasNewerKind(join(this.folder, '_delta_log'), this.version))
      ? 'another program took the commits away and wrote a checkpoint of version 2: let it write a classic one'
      : 'the commit is missing, but later ones are there';
  }

  /** Commits go in the order of their versions: while the newest known one is there, one after it would be too. */
  async #isAtEnd(): Promise<boolean> {
    if (this.version < 0) return true;
    return access(this.#path(this.version)).then(
      () => true,
      () => false,
    );
  }

  /** Goes on at the newest checkpoint; false if there is none beyond what was read. */
  async #skip(read = readCheckpoint): Promise<boolean> {
    const checkpoint = await read(join(this.folder, '_delta_log'), this.version, this.#bound);
    if (checkpoint === undefined) return false;
    const state = new TableState();
    if (state.apply(checkpoint.actions, checkpoint.version, 'checkpoint') !== undefined) return false;
    this.#state = state;
    this.#checkpointed = checkpoint.version;
    return true;
  }

  /** A state that is large is written more rarely: to read some more commits costs less than that. */
  #isCheckpointDue(): boolean {
    const { version, segments, reached } = this.#state;
    return version - this.#checkpointed >= Math.max(CHECKPOINT_EVERY, (segments.size + reached.size) / 64);
  }

  /** The commit stands without it, and the next one that is due makes another. */
  async #checkpoint(at: number): Promise<void> {
    const { version, importsVersion } = this.#state;
    await this.#forgetTransactions();
    const actions = this.#state.toActions(at - TOMBSTONES_MS);
    const folder = join(this.folder, '_delta_log');
    this.#checkpointed = version;
    await writeCheckpoint(folder, version, actions, at, importsVersion).catch(() => undefined);
  }

  /**
   * A transaction that the log of imports has is asked of that one, and its segments show without it, so that this log need
   * not carry each import for ever.
   */
  async #forgetTransactions(): Promise<void> {
    if (this.#importsLog === undefined) return;
    await this.#importsLog.refresh().catch(() => undefined);
    const { reached } = this.#importsLog.#state;
    this.#state.reached.forget((one) => isForgettable(one) && reached.version(one.appId) >= one.version);
  }

  async #lastVersion(): Promise<number> {
    const names = await readdir(join(this.folder, '_delta_log')).catch(() => []);
    const commits = names.filter((name) => /^\d{20}\.json$/.test(name)).sort();
    return Number(commits.at(-1)?.slice(0, 20) ?? -1);
  }

  /** What a commit has to say of the table itself: everything if it is new, its columns if it lacks some of ours. */
  #describe(at: number): readonly Action[] {
    const known = this.#state.fields;
    const fields = mergeFields(known, this.table);
    if (fields === known) return [];
    const schemaString = writeSchema(fields);
    if (this.#state.metaData !== undefined) return [{ metaData: { ...this.#state.metaData, schemaString } }];
    const metaData = {
      id: randomUUID(),
      name: this.table.name,
      description: this.table.doc,
      format: { provider: 'parquet', options: {} },
      schemaString,
      partitionColumns: [],
      configuration: {},
      createdTime: at,
    };
    const protocol = { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features };
    return [{ protocol }, { metaData }];
  }
}
