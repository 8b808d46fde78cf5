/** What the commits of a table's log add up to (Delta protocol, "Action Reconciliation"). */
import { type Action, importsVersionOf } from './delta-commit.ts';
import { type DeltaField, parseSchema } from './delta-schema.ts';
import { Reached } from './reached.ts';
import { parseAdd, parsePath, removeAction, type Segment, transactionTags } from './segment.ts';
import { joinRanges, type TimeRange } from './time-ranges.ts';
import { rewriteOf, type Transaction } from './transaction.ts';

/** What a reader of our tables must know; a table that needs more is not read. */
export const features = ['timestampNtz'];

/** A segment that a rewrite replaced: it counts until the table of imports has the rewrite. */
export interface Replaced {
  readonly segment: Segment;
  readonly by: Transaction;
}

/** Where a rewrite changed rows. */
export interface Rewrite {
  /** The commit that did. */
  readonly version: number;
  /** By the reported clock, UTC microseconds: no changed row lies outside. */
  readonly ranges: readonly TimeRange[];
}

/** A commit adds to the state before it; a checkpoint is all of it, and its segments say themselves whose they are. */
type Taken = 'commit' | 'checkpoint';

export class TableState {
  /** The newest commit that was taken in; -1 for a table that does not exist. */
  version = -1;
  /** By file name, in the order of the commits. */
  readonly segments = new Map<string, Segment>();
  /** Files that left the table, with the time at which they did (milliseconds since 1970). */
  readonly removed = new Map<string, number>();
  /** By file name: gone for other programs, and for this one when `forgetReplaced` says so. */
  readonly replaced = new Map<string, Replaced>();
  /** By application id, in the order of the commits. What was merged since stays known as changed. */
  readonly rewrites = new Map<string, Rewrite>();
  readonly reached = new Reached();
  /** The version of the log of imports that one must know to read the table; -1 if any does. */
  importsVersion = -1;
  fields: readonly DeltaField[] = [];
  metaData: Action[string] | undefined;
  #protocol: Action[string] | undefined;
  /** By file name, as they stand in the log, with what other programs may have put there. */
  readonly #adds = new Map<string, Action[string]>();

  /** Takes actions in, as `version`; the answer is why they cannot be, and then nothing of them is. */
  apply(actions: readonly Action[], version: number, taken: Taken = 'commit'): string | undefined {
    const all = (name: string) => actions.map((action) => action[name]).filter((value) => value !== undefined);
    const protocol = all('protocol').at(-1) ?? this.#protocol;
    const unknown = [protocol?.readerFeatures ?? []].flat().filter((feature) => !features.includes(String(feature)));
    if (Number(protocol?.minReaderVersion) > 3 || unknown.length > 0)
      return `reading it needs a newer program (reader version ${protocol?.minReaderVersion} ${unknown.join(' ')})`;
    const metaData = all('metaData').at(-1) ?? this.metaData;
    const fields = parseSchema(metaData?.schemaString);
    if (fields === undefined) return 'its schema cannot be read';
    const transactions = all('txn').map(({ appId, version, lastUpdated }) => ({
      appId: String(appId),
      version: Number(version),
      at: Number(lastUpdated ?? 0),
    }));
    const [first] = transactions;
    const isCommit = taken === 'commit' && first !== undefined;
    const own = isCommit ? { appId: first.appId, version: first.version } : undefined;
    const isRewrite = own !== undefined && rewriteOf(own.appId) !== undefined;
    const added = all('add').map((add) => [add, parseAdd(add, fields.length, own)] as const);
    if (added.some(([, segment]) => segment === undefined)) return 'it adds a segment without a usable path';
    this.importsVersion = Math.max(this.importsVersion, importsVersionOf(actions));
    this.#protocol = protocol;
    this.metaData = metaData;
    this.fields = fields;
    for (const { path, deletionTimestamp } of all('remove')) {
      const file = parsePath(path) ?? '';
      const segment = this.segments.get(file);
      if (segment !== undefined && isRewrite) this.replaced.set(file, { segment, by: own });
      else this.#adds.delete(file);
      this.segments.delete(file);
      this.removed.set(file, Number(deletionTimestamp ?? 0));
    }
    for (const [add, segment] of added) {
      if (segment === undefined) continue;
      this.removed.delete(segment.file);
      this.replaced.delete(segment.file);
      this.segments.set(segment.file, segment);
      this.#adds.set(segment.file, add);
    }
    for (const { by, ...add } of all('replaced')) {
      const segment = parseAdd(add, fields.length, undefined);
      if (segment === undefined) continue;
      this.replaced.set(segment.file, { segment, by: { appId: String(by), version: 1 } });
      this.#adds.set(segment.file, add);
    }
    if (isRewrite) {
      const ranges = added.flatMap(([, segment]) =>
        segment?.times?.reported_at === undefined ? [] : [segment.times.reported_at],
      );
      this.rewrites.set(own.appId, { version, ranges: joinRanges(ranges) });
    }
    for (const { by, version, ranges } of all('rewritten'))
      this.rewrites.set(String(by), { version: Number(version), ranges: ranges as readonly TimeRange[] });
    for (const { appId, version, at } of transactions) this.reached.note(appId, { version, at });
    this.version = version;
    return undefined;
  }

  /** What complete rewrites replaced is gone. */
  forgetReplaced(isComplete: (by: Transaction) => boolean): void {
    for (const [file, { by }] of this.replaced) {
      if (!isComplete(by)) continue;
      this.replaced.delete(file);
      this.#adds.delete(file);
    }
  }

  /**
   * The state as actions, for a checkpoint.
   *
   * @param since milliseconds since 1970: files that left the table before are not told any more
   */
  toActions(since: number): readonly Action[] {
    return [
      { protocol: this.#protocol! },
      { metaData: this.metaData! },
      ...[...this.reached.all].map(([appId, { version, at }]) => ({ txn: { appId, version, lastUpdated: at } })),
      ...[...this.removed].filter(([, at]) => at >= since).map(([file, at]) => removeAction(file, at, false)),
      ...[...this.segments.values()].map((segment) => ({ add: this.#addOf(segment) })),
      // Actions that other programs pass over.
      ...[...this.replaced.values()].map(({ segment, by }) => ({
        replaced: { ...this.#addOf(segment), by: by.appId },
      })),
      ...[...this.rewrites].map(([by, rewrite]) => ({ rewritten: { by, ...rewrite } })),
    ];
  }

  #addOf({ file, transaction }: Segment): Action[string] {
    const add = this.#adds.get(file)!;
    return { ...add, dataChange: false, tags: { ...(add.tags ?? {}), ...transactionTags(transaction) } };
  }
}
