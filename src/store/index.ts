/** What the store offers to the rest of the house. */
export type { Parameter, Parameters } from './dialect.ts';
export type { EngineOptions } from './engine.ts';
export type { Import } from './import.ts';
export type { QueryLimits, QueryResult } from './query.ts';
export type { ResultColumn, ResultKind, Row, Value } from './rows.ts';
export type { Snapshot, TableSize } from './snapshot.ts';
export { openStore, type Store, type StreamState, type Unfinished } from './store.ts';
export type { Problem } from './store-errors.ts';
export type { Stream } from './stream.ts';
export { contentTransaction, type Transaction, turnTransaction } from './transaction.ts';
export type { Turn } from './turn.ts';
