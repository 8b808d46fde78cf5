/** Segments written in a thread of their own: the same sinks as those of SegmentWriter, with batches handed over. */
import { Worker } from 'node:worker_threads';
import type { SealedBatch } from '../tickets/batch.ts';
import type { WrittenSegment } from './segment.ts';
import { type SegmentAnswer, type SegmentRequest, toError } from './segment-messages.ts';
import type { SegmentSink, SegmentWriter } from './segment-writer.ts';
import { writeFailed } from './store-errors.ts';

/** Batches of an import that may wait for the thread: enough to keep it busy, little enough to bound memory. */
const queueLimit = 4;

const buffersOf = (batch: SealedBatch): readonly ArrayBuffer[] => [
  ...new Set(
    batch.columns.flatMap(({ values, offsets }) => [
      values.buffer as ArrayBuffer,
      (offsets ?? values).buffer as ArrayBuffer,
    ]),
  ),
];

interface Waiting {
  readonly resolve: (segments: readonly WrittenSegment[]) => void;
  readonly reject: (error: unknown) => void;
}

type Body<R> = R extends SegmentRequest ? Omit<R, 'request'> : never;

/**
 * Starts the thread, from the built code, at the first request.
 *
 * A thread that ended takes gathered batches with it, so none is started in its place: every later request fails.
 */
export class SegmentThread implements Pick<SegmentWriter, 'open' | 'close'> {
  readonly #database: string;
  #worker: Worker | undefined;
  #ended: Error | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #sinks = 0;

  /** @param database the folder that holds the tables */
  constructor(database: string) {
    this.#database = database;
  }

  open(): SegmentSink {
    const sink = this.#sinks++;
    const queue: Promise<unknown>[] = [];
    return {
      write: async (batch) => {
        const taken = this.#ask({ kind: 'write', sink, batch }, buffersOf(batch));
        // Whoever waits for this batch later gets its error; until then it must not count as unhandled.
        taken.catch(() => undefined);
        queue.push(taken);
        if (queue.length > queueLimit) await queue.shift();
      },
      finish: async () => {
        await Promise.all(queue);
        return this.#ask({ kind: 'finish', sink });
      },
      abandon: () => this.#ask({ kind: 'abandon', sink }),
    };
  }

  async close(): Promise<void> {
    if (this.#worker === undefined || this.#ended !== undefined) return;
    await this.#ask({ kind: 'close' });
    await this.#worker.terminate();
  }

  #ask(body: Body<SegmentRequest>, transfer: readonly ArrayBuffer[] = []): Promise<readonly WrittenSegment[]> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const request = this.#requests++;
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#waiting.set(request, { resolve, reject });
      // Only a thread with work to do keeps the process alive.
      worker.ref();
      worker.postMessage({ ...body, request } as SegmentRequest, transfer);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./segment-worker.js', import.meta.url), { workerData: this.#database });
    worker.on('message', (answer: SegmentAnswer) => {
      const waiting = this.#waiting.get(answer.request);
      this.#waiting.delete(answer.request);
      if (this.#waiting.size === 0) worker.unref();
      if ('failed' in answer) waiting?.reject(toError(answer.failed));
      else waiting?.resolve(answer.segments);
    });
    const end = (error: Error): void => {
      this.#ended ??= writeFailed(error, { folder: this.#database });
      for (const { reject } of this.#waiting.values()) reject(this.#ended);
      this.#waiting.clear();
    };
    worker.on('error', end);
    worker.on('exit', () => end(new Error('the thread that writes segments has ended')));
    return worker;
  }
}
