/** What imports and questions need of a store, whatever it is made of. */
import type { SondeError } from '../kit/errors.ts';
import type { SealedBatch } from '../tickets/batch.ts';
import type { Table } from '../tickets/column.ts';
import type { Checksum } from './checksum.ts';
import type { Transaction } from './delta/transaction.ts';
import type { Parameters } from './engine/dialect.ts';
import type { QueryLimits, QueryResult, UserLimits } from './engine/query.ts';
import type { Ending } from './import.ts';
import type { TableSize } from './snapshot.ts';
import type { Problem } from './store-errors.ts';

/** An import that is being written. End it with `commit` or `abort`. */
export interface TicketImport {
  readonly id: string;
  /** Takes a batch, whose arrays are free for other use when this resolves. @throws SONDE_STORE_WRITE_FAILED */
  write(batch: SealedBatch): Promise<void>;
  /** Makes the rows visible, all at once. `added` is false if the store has this import already. */
  commit(ending?: Ending): Promise<{ readonly added: boolean }>;
  /** Takes back what was written. */
  abort(): Promise<void>;
}

/** A stream that is being written, which shows its rows at each of its commits. */
interface TicketStream {
  /** How many commits it has, those under way included. */
  readonly commits: number;
  /** Takes a batch of any table but `imports`, whose arrays are free when this resolves. @throws SONDE_STORE_WRITE_FAILED */
  write(batch: SealedBatch): Promise<void>;
  /** Shows what was written so far, with this row of `imports`. @throws SONDE_STORE_WRITE_FAILED */
  commit(row: SealedBatch): Promise<void>;
  /** Drops what was written since the last commit. */
  abort(): Promise<void>;
}

/** What a store holds, and questions about it. */
export interface TicketSnapshot {
  /** What was left out because it is corrupt or missing. */
  readonly problems: readonly Problem[];
  readonly sizes: readonly TableSize[];
  /** The tables that can be asked, those of jobs included. */
  readonly tables: readonly Table[];
  /** Runs a query of the product. @throws SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT */
  query(sql: string, parameters?: Parameters, limits?: QueryLimits): Promise<QueryResult>;
  /** Runs a query that a person typed. @throws SONDE_QUERY_REFUSED, SONDE_QUERY_FAILED, SONDE_QUERY_LIMIT */
  userQuery(sql: string, parameters?: Parameters, limits?: UserLimits): Promise<QueryResult>;
  /** Writes the rows of such a query into a Parquet file. */
  userParquet(sql: string, path: string, parameters?: Parameters, limits?: Omit<UserLimits, 'rows'>): Promise<void>;
  /**
   * The part of it that is about a stretch of time, if that is cheaper to ask: it may have rows outside. Close it after
   * use.
   *
   * @param from UTC microseconds
   * @param until exclusive
   */
  within(from: number, until: number): TicketSnapshot;
  close(): Promise<void>;
}

export interface TicketStore {
  /** What `--db` named: an absolute path, or an address. */
  readonly path: string;
  /** Binds the store to the key of its pseudonyms, before the first import. @throws SONDE_KEY_MISMATCH */
  bindKey(fingerprint: string): Promise<void>;
  /** The key that it is bound to; undefined if none. */
  keyFingerprint(): Promise<string | undefined>;
  /** Is the import complete in the store? */
  hasImport(id: string): Promise<boolean>;
  /** Was this committed? */
  has(transaction: Transaction): Promise<boolean>;
  /** Digest of what the import read; '' if that is not known. */
  contentOf(id: string): Promise<string>;
  beginImport(id: string): TicketImport;
  /** @param id one that no other stream has */
  beginStream(id: string): TicketStream;
  /** Rows and checksum of each table, of these imports alone. */
  checksums(ids: readonly string[]): Promise<readonly Checksum[]>;
  /** When each stream committed last, by its id; milliseconds since 1970. */
  lastCommits(): Promise<ReadonlyMap<string, number>>;
  snapshot(): Promise<TicketSnapshot>;
  /** Upkeep that is due after imports; cheap where there is none. What goes wrong with it is told, and stops nobody. */
  tidy(warn: (error: SondeError) => void): Promise<void>;
}
