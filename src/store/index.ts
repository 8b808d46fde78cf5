/** What the store offers to the rest of the house. */

export { isAddress } from './clickhouse/address.ts';
export { ClickhouseStore, openClickhouse } from './clickhouse/clickhouse-store.ts';
export { createTables, migrateTables } from './clickhouse/create-tables.ts';
export type { ServerTable } from './clickhouse/server-tables.ts';
export { copyStore } from './copy.ts';
export { copyJobTables } from './copy-job-tables.ts';
export type { Segment } from './delta/segment.ts';
export {
  attemptTransaction,
  jobTransaction,
  readTransaction,
  type Transaction,
  vantageTransaction,
} from './delta/transaction.ts';
export { type Parameters, readParameters } from './engine/dialect.ts';
export type { EngineOptions } from './engine/engine.ts';
export type { ResultKind, Row } from './engine/rows.ts';
export { emptySelect } from './engine/view.ts';
export type { Change } from './history.ts';
export type { TableStatus } from './inventory.ts';
export { rowsToBatches } from './rows-to-batches.ts';
export { type Rewritten, Snapshot } from './snapshot.ts';
export { openStore, Store } from './store.ts';
export { damaged, overtaken, type Problem } from './store-errors.ts';
export type { Stream } from './stream.ts';
export type { TicketImport, TicketSnapshot, TicketStore } from './ticket-store.ts';
export type { Turn } from './turn.ts';
export { openWorkbench, type Workbench } from './workbench.ts';
