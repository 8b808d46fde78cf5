/** How far each application has come in a log: the newest of its `txn` actions (Delta protocol, "Transaction Identifiers"). */
import { importOf, importTransaction, type Transaction } from './transaction.ts';

/** The newest version of an application, and when it was committed (milliseconds since 1970). */
interface Newest {
  readonly version: number;
  readonly at: number;
}

/** By application id. */
export type Transactions = ReadonlyMap<string, Newest>;

export class Reached {
  #newest = new Map<string, Newest>();
  /** By import, the application id of its attempt: that tells of the import, too. */
  #attempts = new Map<string, string>();
  #isShown = false;

  /** All of them as they are now: what is noted later does not change it. */
  get all(): Transactions {
    this.#isShown = true;
    return this.#newest;
  }

  get size(): number {
    return this.#newest.size;
  }

  note(appId: string, newest: Newest): void {
    const id = importOf(appId);
    const bare = id === undefined ? undefined : importTransaction(id).appId;
    if (appId === bare && this.#attempts.has(id!)) return;
    this.#own();
    this.#newest.set(appId, newest);
    if (bare === undefined || appId === bare) return;
    this.#attempts.set(id!, appId);
    this.#newest.delete(bare);
  }

  /** The newest version of an application; 0 if it has none. */
  version(appId: string): number {
    const newest = this.#newest.get(appId)?.version;
    if (newest !== undefined) return newest;
    const id = importOf(appId);
    return id !== undefined && this.#attempts.has(id) && importTransaction(id).appId === appId ? 1 : 0;
  }

  /** The application id of the attempt at an import; undefined if there was none. */
  attemptAt(id: string): string | undefined {
    return this.#attempts.get(id);
  }

  forget(isNeedless: (transaction: Transaction) => boolean): void {
    for (const [appId, { version }] of this.#newest) {
      if (!isNeedless({ appId, version })) continue;
      this.#own();
      this.#newest.delete(appId);
      const id = importOf(appId);
      if (id !== undefined && this.#attempts.get(id) === appId) this.#attempts.delete(id);
    }
  }

  #own(): void {
    if (this.#isShown) this.#newest = new Map(this.#newest);
    this.#isShown = false;
  }
}
