/** The log of one table by the open Delta protocol (github delta-io/delta, PROTOCOL.md): what is in it, and adding to it. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SondeError } from '../../kit/errors.ts';
import type { Table } from '../../tickets/column.ts';
import { overtaken, type Problem, writeFailed } from '../store-errors.ts';
import { type Action, parseCommit, writeCommit } from './delta-commit.ts';
import { type DeltaField, mergeFields, parseSchema, writeSchema } from './delta-schema.ts';
import { addAction, parseAdd, parsePath, removeAction, type Segment, type WrittenSegment } from './segment.ts';
import type { Transaction } from './transaction.ts';
import { Turns } from './turns.ts';
import { systemCode, writeOnce } from './write-once.ts';

const features = ['timestampNtz'];
const commitName = (version: number): string => `${String(version).padStart(20, '0')}.json`;

/** What a commit does. */
export interface Commit {
  /** Tells whether the log has it already. */
  readonly transaction: Transaction;
  readonly segments: readonly WrittenSegment[];
  /** Must be new as well: if the log knows one of them, somebody else was first. */
  readonly claims?: readonly Transaction[];
  /** Files that leave the table; each must be in it. */
  readonly removed?: readonly string[];
  /** The rows stay what they are, in other segments: who follows the changes of the table passes over it. */
  readonly isRewrite?: boolean;
}

/**
 * What became of a commit. Nothing was written if the log knows its transaction, or if a file that it removes is not in
 * the table any more: then somebody else replaced it, and what was to take its place is out of date.
 */
export type Outcome = 'added' | 'known' | 'conflict';

/** How far an application has come, and when it committed last (milliseconds since 1970). */
interface Reached {
  readonly version: number;
  readonly at: number;
}

/**
 * The state of a table's log, brought up to date by `refresh` and extended by `append`.
 *
 * The log is read from version 0 upwards and each commit once. At a commit that is missing or not what was written, the
 * reading stops for good and `problem` names it: a later commit may replace segments of an unread one (compaction), so
 * that going on could show rows twice. What lies before stays readable; nothing is appended, for nobody could know
 * whether it is there already.
 */
export class DeltaLog {
  readonly table: Table;
  /** The table's folder. */
  readonly folder: string;
  /** The newest version that was read; -1 for a table that does not exist. */
  version = -1;
  problem: Problem | undefined;
  readonly #segments = new Map<string, Segment>();
  readonly #removed = new Map<string, number>();
  readonly #transactions = new Map<string, Reached>();
  #fields: readonly DeltaField[] = [];
  #metaData: Action[string] | undefined;
  readonly #turns = new Turns();
  readonly #until: number;

  /**
   * @param database the folder that holds the tables
   * @param until the version after which nothing is read: the table as it was then, to which nothing can be added
   */
  constructor(database: string, table: Table, until = Number.POSITIVE_INFINITY) {
    this.table = table;
    this.folder = join(database, table.name);
    this.#until = until;
  }

  /** By file name, in the order of the commits. */
  get segments(): ReadonlyMap<string, Segment> {
    return this.#segments;
  }

  /** Files that left the table, with the time at which they did (milliseconds since 1970). */
  get removed(): ReadonlyMap<string, number> {
    return this.#removed;
  }

  /** By application id, the newest of its `txn` actions. */
  get transactions(): ReadonlyMap<string, Reached> {
    return this.#transactions;
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
  append({ transaction, segments, claims = [], removed = [], isRewrite = false }: Commit): Promise<Outcome> {
    return this.#turns.take(async () => {
      for (;;) {
        await this.#read();
        if (this.#knows(transaction)) return 'known';
        for (const claim of claims) if (this.#knows(claim)) throw overtaken(claim);
        if (!removed.every((file) => this.#segments.has(file))) return 'conflict';
        const at = Date.now();
        const actions = [
          ...this.#describe(at),
          ...[transaction, ...claims].map((txn) => ({ txn: { ...txn, lastUpdated: at } })),
          ...removed.map((file) => removeAction(file, at, !isRewrite)),
          ...segments.map((segment) => addAction(segment, at, !isRewrite)),
        ];
        const path = this.#path(this.version + 1);
        const won = await writeOnce(path, writeCommit(actions, at)).catch((error: unknown) => {
          throw writeFailed(error, { file: path });
        });
        if (won) {
          this.#apply(actions);
          return 'added';
        }
      }
    });
  }

  #path(version: number): string {
    return join(this.folder, '_delta_log', commitName(version));
  }

  #knows({ appId, version }: Transaction): boolean {
    if (this.problem === undefined) return (this.#transactions.get(appId)?.version ?? 0) >= version;
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
    while (this.problem === undefined && this.version < this.#until) {
      const file = `_delta_log/${commitName(this.version + 1)}`;
      const text = await readFile(this.#path(this.version + 1), 'utf8').catch((error: unknown) => {
        if (systemCode(error) === 'ENOENT') return undefined;
        throw new SondeError('SONDE_STORE_UNREADABLE', 'cannot read the log of a table', { file }, '', error);
      });
      if (text === undefined && this.version >= last) return;
      const actions = text === undefined ? undefined : parseCommit(text);
      const reason =
        text === undefined
          ? 'the commit is missing, but later ones are there'
          : actions === undefined
            ? 'the commit is not what was written'
            : this.#apply(actions);
      if (reason !== undefined) this.problem = { table: this.table.name, file, reason };
    }
  }

  async #lastVersion(): Promise<number> {
    const names = await readdir(join(this.folder, '_delta_log')).catch(() => []);
    const commits = names.filter((name) => /^\d{20}\.json$/.test(name)).sort();
    return Number(commits.at(-1)?.slice(0, 20) ?? -1);
  }

  /** What a commit has to say of the table itself: everything if it is new, its columns if it lacks some of ours. */
  #describe(at: number): readonly Action[] {
    const fields = mergeFields(this.#fields, this.table);
    if (fields === this.#fields) return [];
    const schemaString = writeSchema(fields);
    if (this.#metaData !== undefined) return [{ metaData: { ...this.#metaData, schemaString } }];
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

  /** Takes a commit over into the state; the answer is why it cannot be, and then nothing of it is. */
  #apply(actions: readonly Action[]): string | undefined {
    const all = (name: string) => actions.map((action) => action[name]).filter((value) => value !== undefined);
    for (const { minReaderVersion, readerFeatures } of all('protocol')) {
      const unknown = [readerFeatures ?? []].flat().filter((feature) => !features.includes(String(feature)));
      if (Number(minReaderVersion) > 3 || unknown.length > 0)
        return `reading it needs a newer program (reader version ${minReaderVersion} ${unknown.join(' ')})`;
    }
    const metaData = all('metaData').at(-1) ?? this.#metaData;
    const fields = parseSchema(metaData?.schemaString);
    if (fields === undefined) return 'its schema cannot be read';
    const transactions = all('txn').map(({ appId, version, lastUpdated }) => ({
      appId: String(appId),
      version: Number(version),
      at: Number(lastUpdated ?? 0),
    }));
    const [first] = transactions;
    const own = first === undefined ? undefined : { appId: first.appId, version: first.version };
    const added = all('add').map((add) => parseAdd(add, fields.length, own));
    if (added.includes(undefined)) return 'it adds a segment without a usable path';
    this.#metaData = metaData;
    this.#fields = fields;
    for (const { path, deletionTimestamp } of all('remove')) {
      const file = parsePath(path) ?? '';
      this.#segments.delete(file);
      this.#removed.set(file, Number(deletionTimestamp ?? 0));
    }
    for (const segment of added) if (segment !== undefined) this.#segments.set(segment.file, segment);
    for (const { appId, version, at } of transactions) this.#transactions.set(appId, { version, at });
    this.version++;
    return undefined;
  }
}
