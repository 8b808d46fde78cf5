/** The stream of a vantage that goes on from command to command, by turns: each an import, and a checkpoint of what it left open. */
import { type CheckpointHead, readCheckpoint, writeCheckpoint } from '../pipeline/checkpoint-file.ts';
import { checkpointPath, findCheckpoint, removeCheckpoints } from '../pipeline/checkpoint-folder.ts';
import { checkpointLayout } from '../pipeline/checkpoint-layout.ts';
import { type Checkpoint, LabelledTickets } from '../pipeline/labelled-tickets.ts';
import {
  attemptTransaction,
  overtaken,
  readTransaction,
  type Store,
  type Stream,
  type TicketImport,
  type Transaction,
  type Turn,
  vantageTransaction,
} from '../store/index.ts';
import type { SealedBatch } from '../tickets/batch.ts';
import { folderOf } from './open-store.ts';
import type { Workspace } from './workspace.ts';

/** What a turn came to. */
interface Taken<T> {
  readonly result: T;
  readonly content?: string;
  readonly read?: readonly string[];
  readonly checkpoint?: Checkpoint;
}

export class ContinuedStream {
  readonly #workspace: Workspace;
  /** What is open after `#turns` turns; undefined until it is needed, and after a turn that failed. */
  #tickets: LabelledTickets | undefined;
  #turns = 0;
  #layout: string | undefined;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  get #store(): Store {
    return folderOf(this.#workspace.store);
  }

  /** Starts a live stream, for `commit`. */
  begin(id: string): Stream {
    return this.#store.beginStream(id);
  }

  /** The turn that comes next. */
  turn(isLast: boolean): Turn {
    return { vantage: this.#workspace.options.vantage, number: this.#turns + 1, isLast };
  }

  /** Has the stream read this already, told by its mark or its content, under whatever options? */
  hasRead(read: string): Promise<boolean> {
    return this.#store.has(readTransaction(this.#workspace.options.vantage, read));
  }

  /** Is there nothing open? */
  async isFinished(): Promise<boolean> {
    return (await this.#store.streamOf(this.#workspace.options.vantage)).isFinished;
  }

  /**
   * What is open after the last turn that the store has, ready to go on.
   *
   * @param isKept false for empty tables in its place
   * @throws SONDE_CHECKPOINT_UNUSABLE, SONDE_STREAM_OVERTAKEN
   */
  async tickets(isKept = true): Promise<LabelledTickets> {
    if (this.#tickets !== undefined) return this.#tickets;
    const { options, checkpoints } = this.#workspace;
    const store = this.#store;
    const { turns, isFinished } = await store.streamOf(options.vantage);
    const tickets = new LabelledTickets({ ...options, source: '' });
    if (isKept && !isFinished) {
      const checkpoint = await this.#unlessTaken(turns + 1, async () => {
        const path = await findCheckpoint(checkpoints, turns, (head) => store.has(head));
        return readCheckpoint(path, this.#head(turns, { appId: '', version: 0 }));
      });
      // Its hash is proven, and its layout is that of this program.
      tickets.restore(checkpoint as Checkpoint);
    }
    this.#turns = turns;
    this.#tickets = tickets;
    return tickets;
  }

  /**
   * Imports something as the next turn of the stream.
   *
   * The checkpoint is on the disk before the commit, and the one before it stays until the commit stands: whatever
   * moment the process is killed at, the store tells which of the two counts.
   *
   * @param write writes the rows of the import; tells the digest of what it read, what of that no later turn reads
   * again, and what is open afterwards: the turn is the last one without
   */
  async take<T>(
    id: string,
    write: (tickets: LabelledTickets, run: TicketImport) => Promise<Taken<T>>,
  ): Promise<{ readonly result: T; readonly content: string; readonly added: boolean }> {
    const { checkpoints } = this.#workspace;
    const tickets = await this.tickets();
    const run = this.#store.beginImport(id);
    try {
      const { result, content = '', read = [], checkpoint } = await write(tickets, run);
      const isLast = checkpoint === undefined;
      const turn = { ...this.turn(isLast), read };
      const path = isLast
        ? undefined
        : await this.#save(turn, attemptTransaction(id, content, turn.number), checkpoint);
      const { added } = await run.commit({ content, turn });
      this.#turns = turn.number;
      if (isLast) this.#tickets = undefined;
      await removeCheckpoints(checkpoints, turn.number, path);
      return { result, content, added };
    } catch (error) {
      // Some packets of a failed turn are in it already.
      this.#tickets = undefined;
      await run.abort();
      throw error;
    }
  }

  /**
   * Lets a live stream take the next turn with its next commit; the same holds of the checkpoint.
   *
   * @throws what the store throws, and SONDE_CHECKPOINT_UNUSABLE
   */
  async commit(stream: Stream, row: SealedBatch, checkpoint: Checkpoint): Promise<void> {
    const turn = this.turn(false);
    let path: string | undefined;
    await stream.commit(row, turn, async (transaction) => {
      path = await this.#save(turn, transaction, checkpoint);
    });
    this.#turns = turn.number;
    await removeCheckpoints(this.#workspace.checkpoints, turn.number, path);
  }

  /** Writes the checkpoint of a turn; its path. */
  async #save(turn: Turn, transaction: Transaction, checkpoint: Checkpoint): Promise<string> {
    const path = checkpointPath(this.#workspace.checkpoints, turn.number, transaction.appId);
    const head = this.#head(turn.number, transaction);
    await this.#unlessTaken(turn.number, () => writeCheckpoint(path, head, checkpoint));
    return path;
  }

  /**
   * Works on a checkpoint before a turn. Whoever takes the turn first removes those of all others, which is then the
   * reason for what fails.
   */
  async #unlessTaken<T>(turn: number, work: () => Promise<T>): Promise<T> {
    const { options } = this.#workspace;
    try {
      return await work();
    } catch (error) {
      if ((await this.#store.streamOf(options.vantage)).turns < turn) throw error;
      throw overtaken(vantageTransaction(options.vantage, turn));
    }
  }

  #head(turn: number, transaction: Transaction): CheckpointHead {
    const { options } = this.#workspace;
    this.#layout ??= checkpointLayout({ ...options, source: '' });
    return {
      layout: this.#layout,
      key: options.key.fingerprint,
      vantage: options.vantage,
      turn,
      ...transaction,
    };
  }
}
