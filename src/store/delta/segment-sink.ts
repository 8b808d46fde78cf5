/** Sealed batches in, Parquet segments out: one open segment a table, closed when it is large or the import ends. */
import { join } from 'node:path';
import type { SealedBatch } from '../../tickets/batch.ts';
import type { Table } from '../../tickets/column.ts';
import { tables } from '../../tickets/index.ts';
import { PageRoom } from '../parquet/page-room.ts';
import { OpenSegment } from './open-segment.ts';
import type { WrittenSegment } from './segment.ts';
import { Turns } from './turns.ts';

/** Where an import's batches go. Segments are on the disk, and in no log, when `finish` resolves. */
export interface SegmentSink {
  /** Resolves when the batch is taken; the batch may then be used again. */
  write(batch: SealedBatch): Promise<void>;
  /** Ends the open segments and tells all. Nothing may be written afterwards. */
  finish(): Promise<readonly WrittenSegment[]>;
  /** Drops the open segments and tells those that were ended, for their removal. */
  abandon(): Promise<readonly WrittenSegment[]>;
}

/** A segment ends when it has this: about 200,000 flows. */
export const SEGMENT_BYTES = 2 ** 24;

/**
 * Starts an import's segments.
 *
 * @param database the folder that holds the tables
 * @param known the tables that batches may be of
 */
export const openSegments = (database: string, known: readonly Table[] = tables): SegmentSink => {
  const tableOf = (name: string): Table => {
    const table = known.find((one) => one.name === name);
    if (table === undefined) throw new Error(`no table is called ${name}`);
    return table;
  };
  const turns = new Turns();
  const room = new PageRoom();
  const open = new Map<string, OpenSegment>();
  const written: WrittenSegment[] = [];

  const finish = async (name: string): Promise<void> => {
    const segment = open.get(name)!;
    open.delete(name);
    written.push(await segment.finish());
  };
  const write = async (batch: SealedBatch): Promise<void> => {
    if (batch.rows === 0) return;
    const name = batch.table;
    const segment = open.get(name) ?? new OpenSegment(tableOf(name), join(database, name), room);
    open.set(name, segment);
    await segment.add(batch);
    if (segment.bytes >= SEGMENT_BYTES) await finish(name);
  };
  const finishAll = async (): Promise<readonly WrittenSegment[]> => {
    for (const name of [...open.keys()]) await finish(name);
    return written;
  };
  const abandon = async (): Promise<readonly WrittenSegment[]> => {
    for (const segment of open.values()) await segment.abandon();
    open.clear();
    return written;
  };
  return {
    write: (batch) => turns.take(() => write(batch)),
    finish: () => turns.take(finishAll),
    abandon: () => turns.take(abandon),
  };
};
