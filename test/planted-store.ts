/** A store with rows that a test wrote down, and the query function over it that analyses take. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Query } from '../src/analysis/query.ts';
import { loadJobs, overTickets, Rollups, rollupFamilies } from '../src/jobs/index.ts';
import { Interner } from '../src/kit/interner.ts';
import { openStore, openWorkbench, type Snapshot, type Store, type Workbench } from '../src/store/index.ts';
import { Batch, sealBatch } from '../src/tickets/batch.ts';
import type { Table } from '../src/tickets/column.ts';
import { tables } from '../src/tickets/index.ts';
import { type Cell, fillCell } from './fill-cell.ts';

/** Columns that matter to the test; the others are not observed. */
export type PlantedRow = Readonly<Record<string, Cell>>;

/** An import and the rows it brings, by table; its own row is `import`. */
export interface PlantedImport {
  readonly id: string;
  readonly import: PlantedRow;
  readonly flows?: readonly PlantedRow[];
  readonly counters?: readonly PlantedRow[];
}

const toBatch = (table: Table, rows: readonly PlantedRow[]) => {
  const batch = new Batch(table, new Interner(), Math.max(1, rows.length));
  for (const row of rows) {
    const at = batch.begin();
    for (const [name, value] of Object.entries(row)) fillCell(batch, name, at, value);
    batch.end();
  }
  return sealBatch(batch);
};

export const shippedJobs = loadJobs([fileURLToPath(new URL('../jobs', import.meta.url))]);

/** The query function of analyses, which reads the rollups that there are. */
export const queryOver = async (snapshot: Snapshot, bench: Workbench): Promise<Query> => {
  const families = rollupFamilies(shippedJobs);
  const reader = await new Rollups(families, bench).at(snapshot);
  return async (sql, parameters) => ({
    rows: await (await reader.query(sql, parameters)).rows(),
    sql: overTickets(sql, families),
  });
};

/** Writes an import into a store. */
export const plantImport = async (store: Store, planted: PlantedImport): Promise<void> => {
  const run = store.beginImport(planted.id);
  const rowsOf: Readonly<Record<string, readonly PlantedRow[] | undefined>> = {
    flows: planted.flows,
    counters: planted.counters,
    imports: [{ id: planted.id, ...planted.import }],
  };
  for (const table of tables) {
    const rows = (rowsOf[table.name] ?? []).map((row) => ({ source: planted.id, ...row }));
    if (rows.length > 0) await run.write(toBatch(table, rows));
  }
  await run.commit();
};

/** Writes the imports into a new store. Close it after use: that removes its folder. */
export const plantStore = async (
  imports: readonly PlantedImport[],
): Promise<{ readonly query: Query; readonly close: () => Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-planted-'));
  const store = await openStore(folder, { memoryMb: 512, threads: 1 });
  await store.bindKey('planted');
  for (const planted of imports) await plantImport(store, planted);
  const snapshot = await store.snapshot();
  const bench = await openWorkbench({ memoryMb: 512, threads: 1 });
  return {
    query: await queryOver(snapshot, bench),
    close: async () => {
      bench.close();
      await snapshot.close();
      await rm(folder, { recursive: true });
    },
  };
};
