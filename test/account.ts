/** What must hold of every import whatever the capture: each packet is counted once, and each value is a possible one. */
import { expect } from 'vitest';
import type { Texts } from '../src/kit/interner.ts';
import { frameReasons } from '../src/packet/frame-reason.ts';
import { type CaptureStream, importCaptures } from '../src/pipeline/import-captures.ts';
import type { ImportSummary } from '../src/pipeline/import-summary.ts';
import type { LabelOptions } from '../src/pipeline/labelled-tickets.ts';
import type { SealedBatch, SealedColumn } from '../src/tickets/batch.ts';
import { testOptions } from './rows.ts';

/** A name has 255 bytes at most, four characters each where escaped; TXT records may have some thousand. */
const MAX_TEXT = 300_000;

const valuesOf = (batch: SealedBatch, name: string): Iterable<number> =>
  batch.columns.find((one) => one.name === name)?.values ?? [];

const packetsIn = (batch: SealedBatch): number => {
  let packets = 0;
  for (const name of ['up_packets', 'down_packets']) for (const value of valuesOf(batch, name)) packets += value;
  return packets;
};

const isText = (text: string): boolean => !/\p{Surrogate}/u.test(text) && text.length <= MAX_TEXT;

/** The first value of a column that cannot be; undefined if all can. */
const impossible = ({ kind, values }: SealedColumn, texts: Texts): unknown => {
  if (kind === 'id') return undefined;
  if (kind === 'text' || kind === 'texts')
    return [...new Set(values)].find((code) => code < 0 || code >= texts.size || !isText(texts.text(code)));
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (kind === 'real' ? !Number.isFinite(value) : !Number.isSafeInteger(value) || value < 0) return value;
    if (kind === 'flag' && value > 1) return value;
  }
  return undefined;
};

const checkBatch = (batch: SealedBatch, where: string): void => {
  // Not with `expect`, which takes longer than all the rest.
  for (const column of batch.columns) {
    const value = impossible(column, batch.texts);
    if (value !== undefined) expect.fail(`${where}: ${batch.table}.${column.name} is ${value}`);
  }
};

/**
 * Imports captures in memory with pseudonyms, as one stream, and checks the account.
 *
 * @param where for the message of a failure
 * @throws SONDE_FORMAT_UNKNOWN for what is no capture
 */
export const importAndCheck = async (
  inputs: CaptureStream['inputs'],
  where: string,
  options: Partial<LabelOptions> = {},
): Promise<ImportSummary> => {
  let rows = 0;
  let inFlows = 0;
  let inCounters = 0;
  const reportedAt: Record<string, number> = {};
  const write = async (batch: SealedBatch): Promise<void> => {
    checkBatch(batch, where);
    if (batch.table === 'imports') return;
    rows += batch.rows;
    if (batch.table === 'flows') inFlows += packetsIn(batch);
    if (batch.table === 'counters') inCounters += packetsIn(batch);
    for (const at of valuesOf(batch, 'reported_at')) {
      if (!(at >= (reportedAt[batch.table] ?? 0))) expect.fail(`${where}: ${batch.table}.reported_at goes back`);
      reportedAt[batch.table] = at;
    }
  };
  const summary = await importCaptures(
    { inputs, name: 'test' },
    { ...testOptions, keepAddresses: false, ...options },
    { write },
  );
  const undecoded = frameReasons.reduce((sum, reason) => sum + (summary.reasons[reason] ?? 0), 0);
  expect([inFlows + undecoded, inCounters, rows], where).toEqual([summary.packets, inFlows, summary.rows]);
  // What breaks off says where, and under which reason that is counted.
  for (const { state, broken } of summary.results) {
    expect(broken !== undefined, where).toBe(state === 'partial');
    if (broken !== undefined) expect(summary.reasons[broken.reason], where).toBeGreaterThan(0);
  }
  return summary;
};
