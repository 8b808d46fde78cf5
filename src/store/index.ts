/** What the store offers to the rest of the house. */
export type { EngineOptions } from './engine.ts';
export type { Import } from './import.ts';
export type { ResultKind, Row } from './rows.ts';
export type { Snapshot } from './snapshot.ts';
export { openStore, type Store } from './store.ts';
export { overtaken } from './store-errors.ts';
export type { Stream } from './stream.ts';
export { attemptTransaction, readTransaction, type Transaction, vantageTransaction } from './transaction.ts';
export type { Turn } from './turn.ts';
