/** What the tests of the store share: a folder that goes away, rows as sealed batches, and small imports. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Interner } from '../src/kit/interner.ts';
import { type EngineOptions, openStore, type Row, type Snapshot, type Store } from '../src/store/index.ts';
import { Batch, type SealedBatch, sealBatch } from '../src/tickets/batch.ts';
import type { Table } from '../src/tickets/column.ts';
import { flows, imports } from '../src/tickets/index.ts';
import { type Cell, fillCell } from './fill-cell.ts';

/** 22 February 2014, 18:00 UTC, in microseconds. */
export const evening = Date.UTC(2014, 1, 22, 18) * 1000;

/** A folder that is removed when the test ends. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Rows as a sealed batch; a column that a row does not name stays as not observed. */
export const sealRows = (
  table: Table,
  rows: readonly Readonly<Record<string, Cell>>[],
  interner = new Interner(),
): SealedBatch => {
  const batch = new Batch(table, interner, rows.length);
  for (const row of rows) {
    const at = batch.begin();
    for (const [name, cell] of Object.entries(row)) fillCell(batch, name, at, cell);
    batch.end();
  }
  return sealBatch(batch);
};

/** The row that makes an import visible. */
export const importRow = (id: string): SealedBatch =>
  sealRows(imports, [{ source: id, id, vantage: 'vienna', reported_at: evening, first_at: evening, kind: 'capture' }]);

/** `count` flows of an import, a second apart, 1,000 bytes up each. */
export const flowRows = (id: string, count: number): SealedBatch =>
  sealRows(
    flows,
    Array.from({ length: count }, (_, i) => ({
      source: id,
      vantage: 'vienna',
      flow_id: (2 ** 40 + i).toString(16).padStart(16, '0'),
      reported_at: evening + i * 1e6,
      started_at: evening + i * 1e6,
      up_bytes: 1000,
      service: 'WhatsApp',
    })),
  );

/** A store in a temporary folder, with a key. */
export const temporaryStore = async (options: EngineOptions = {}): Promise<Store> => {
  const store = await openStore(join(temporaryFolder(), 'store'), options);
  await store.bindKey('0123456789abcdef');
  return store;
};

/** Imports `count` flows. */
export const addFlows = async (store: Store, id: string, count: number): Promise<{ readonly added: boolean }> => {
  const run = store.beginImport(id);
  await run.write(flowRows(id, count));
  await run.write(importRow(id));
  return run.commit();
};

/** A snapshot that is closed when the test ends. */
export const snapshotOf = async (store: Store): Promise<Snapshot> => {
  const snapshot = await store.snapshot();
  onTestFinished(() => snapshot.close());
  return snapshot;
};

/** The rows of a query of the product, on a fresh snapshot. */
export const ask = async (store: Store, sql: string): Promise<readonly Row[]> => {
  const snapshot = await store.snapshot();
  try {
    return await (await snapshot.query(sql)).rows();
  } finally {
    await snapshot.close();
  }
};
