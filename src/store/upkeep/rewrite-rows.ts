/** Rows of several tables changed at once, while others read and write: readers see all of it, or nothing. */
import { randomUUID } from 'node:crypto';
import type { DuckDBInstance } from '@duckdb/node-api';
import { SondeError } from '../../kit/errors.ts';
import { Interner } from '../../kit/interner.ts';
import { type Batch, sealBatch } from '../../tickets/batch.ts';
import { imports } from '../../tickets/index.ts';
import type { DeltaLog } from '../delta/delta-log.ts';
import { OpenSegment } from '../delta/open-segment.ts';
import { removeSegments, removeUnnamed } from '../delta/remove-segments.ts';
import type { Segment, WrittenSegment } from '../delta/segment.ts';
import {
  droppedTransaction,
  rewriteOf,
  rewriteTransaction,
  settledTransaction,
  type Transaction,
} from '../delta/transaction.ts';
import { sync } from '../delta/write-once.ts';
import { type EngineOptions, startEngine } from '../engine/engine.ts';
import { runQuery } from '../engine/query.ts';
import { selectSql } from '../engine/view.ts';
import { PageRoom } from '../parquet/page-room.ts';
import { fillBatches } from '../rows-to-batches.ts';
import { visibleTables } from '../visible-tables.ts';
import { soundOnes } from './compact.ts';
import { withoutRunning } from './running-rows.ts';

/** What is changed. */
export interface RowChange {
  /** For the history: 'RECLASSIFY'. */
  readonly operation: string;
  /** Those whose rows may change; `imports` is always one. */
  readonly tables: readonly string[];
  /** Begins with the rows of another segment; what it gives changes a batch in place, and tells if any row differs now. */
  readonly begin: (interner: Interner) => (batch: Batch) => boolean;
}

/** What became of a table. */
export interface Rewritten {
  readonly table: string;
  readonly segments: number;
  readonly rows: number;
}

/** Compaction may replace what was read meanwhile; then what came of it is read. */
const MAX_TRIES = 20;

const isOvertaken = (error: unknown): boolean => error instanceof SondeError && error.code === 'SONDE_STREAM_OVERTAKEN';

const rewrittenElsewhere = (cause?: unknown): SondeError =>
  new SondeError(
    'SONDE_STREAM_OVERTAKEN',
    'another command rewrites the same rows',
    {},
    'run it again when that one is done: nothing of this one shows',
    cause,
  );

/** The rows of a segment, changed, in a new one that no log names yet; undefined if no row differs. */
const rewriteSegment = async (
  engine: DuckDBInstance,
  { table, folder }: DeltaLog,
  segment: Segment,
  { begin }: RowChange,
): Promise<WrittenSegment | undefined> => {
  const open = new OpenSegment(table, folder, new PageRoom());
  const interner = new Interner();
  const change = begin(interner);
  let differs = false;
  try {
    const query = { sql: selectSql(table, folder, [segment]), values: {}, types: {} };
    const rows = await runQuery(engine, query, {});
    for await (const batch of fillBatches(table, rows, () => interner)) {
      differs = change(batch) || differs;
      await open.add(sealBatch(batch));
    }
    if (differs) return await open.finish();
  } catch (error) {
    await open.abandon();
    throw error;
  }
  await open.abandon();
  return undefined;
};

/** The segments that may be rewritten: sound ones of ours, and no row that a live capture will replace. */
const segmentsOf = async (engine: DuckDBInstance, logs: readonly DeltaLog[], log: DeltaLog) => {
  const { tables, importsVersion } = await visibleTables(logs);
  const visible = tables.find((one) => one.log === log)!.segments;
  const own = visible.filter(({ rows, sha256 }) => rows !== undefined && sha256 !== undefined);
  return { segments: await withoutRunning(engine, log, await soundOnes(log, own)), importsVersion };
};

/** @param isDue a commit is also without rows */
const rewriteTable = async (
  engine: DuckDBInstance,
  logs: readonly DeltaLog[],
  log: DeltaLog,
  change: RowChange,
  id: string,
  isDue: boolean,
): Promise<Rewritten> => {
  /** By the file that each replaces; undefined where nothing differs. */
  const written = new Map<string, WrittenSegment | undefined>();
  const isLast = log.table.name === imports.name;
  const newOnes = (): WrittenSegment[] => [...written.values()].filter((segment) => segment !== undefined);
  try {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { segments, importsVersion } = await segmentsOf(engine, logs, log);
      const live = new Set(segments.map(({ file }) => file));
      for (const [file, segment] of written) {
        if (live.has(file)) continue;
        written.delete(file);
        if (segment !== undefined) await removeSegments(log, [segment]);
      }
      for (const segment of segments)
        if (!written.has(segment.file)) written.set(segment.file, await rewriteSegment(engine, log, segment, change));
      const added = newOnes();
      if (added.length === 0 && !isDue) return { table: log.table.name, segments: 0, rows: 0 };
      if (added.length > 0) await sync(log.folder);
      const outcome = await log.append({
        transaction: rewriteTransaction(id),
        claims: isLast ? [settledTransaction(id)] : [],
        segments: added,
        removed: [...written].flatMap(([file, segment]) => (segment === undefined ? [] : [file])),
        operation: change.operation,
        ...(isLast ? {} : { importsVersion }),
      });
      if (outcome === 'conflict') continue;
      const rows = added.reduce((sum, segment) => sum + segment.rows, 0);
      return { table: log.table.name, segments: added.length, rows };
    }
    throw rewrittenElsewhere();
  } catch (error) {
    await removeUnnamed([log], newOnes());
    throw error;
  }
};

const isOf = (id: string, transaction: Transaction | undefined): boolean => rewriteOf(transaction?.appId ?? '') === id;

/** Puts back what a rewrite replaced that was not finished. Who made it, if he still runs, will hear of it at his end. */
const giveUp = async (logs: readonly DeltaLog[], id: string): Promise<void> => {
  const replacedIn = (log: DeltaLog): readonly Segment[] =>
    [...log.replaced.values()].flatMap(({ segment, by }) => (isOf(id, by) ? [segment] : []));
  const begun = logs.filter((log) => replacedIn(log).length > 0);
  if (begun.length === 0) return;
  const transaction = droppedTransaction(id);
  const operation = 'GIVE UP';
  await logs.at(-1)!.append({ transaction, claims: [settledTransaction(id)], segments: [], operation });
  for (const log of begun) {
    const removed = [...log.segments.values()].flatMap((one) => (isOf(id, one.transaction) ? [one.file] : []));
    const segments = replacedIn(log).map((segment) => ({
      ...segment,
      table: log.table.name,
      rows: segment.rows!,
      sha256: segment.sha256!,
      times: segment.times ?? {},
    }));
    await log.append({ transaction, segments, removed, operation, isRewrite: true });
  }
};

/**
 * Changes rows. What comes to the tables meanwhile stays as it comes. A rewrite that was killed, or runs at this moment,
 * is given up first: of two, the one that began later stands.
 *
 * Each table gets its commit; its new segments show, and its old ones count no more, when `imports`, the last one, has
 * the transaction of the rewrite. Whoever is killed before that leaves the old rows, whoever is killed after it the new.
 *
 * @param logs one a table in the order of commits, `imports` last
 * @throws SONDE_STORE_WRITE_FAILED, SONDE_STORE_CORRUPT, SONDE_STREAM_OVERTAKEN
 */
export const rewriteRows = async (
  logs: readonly DeltaLog[],
  change: RowChange,
  options: EngineOptions,
): Promise<readonly Rewritten[]> => {
  await visibleTables(logs);
  const unfinished = logs.flatMap((log) => [...log.replaced.values()].flatMap(({ by }) => rewriteOf(by.appId) ?? []));
  for (const other of new Set(unfinished))
    await giveUp(logs, other).catch((error: unknown) => {
      // It came to its end meanwhile.
      if (!isOvertaken(error)) throw error;
    });
  const id = randomUUID();
  const engine = await startEngine(options);
  const rewritten: Rewritten[] = [];
  const isChanged = ({ table }: DeltaLog): boolean => change.tables.includes(table.name);
  try {
    for (const log of logs.slice(0, -1))
      if (isChanged(log)) rewritten.push(await rewriteTable(engine, logs, log, change, id, false));
    const isDue = rewritten.some(({ segments }) => segments > 0);
    rewritten.push(await rewriteTable(engine, logs, logs.at(-1)!, change, id, isDue));
    return rewritten;
  } catch (error) {
    await giveUp(logs, id).catch(() => undefined);
    throw isOvertaken(error) ? rewrittenElsewhere(error) : error;
  } finally {
    engine.closeSync();
  }
};
