/** Runs jobs as their inputs allow: window by window, several at once, until nothing is left to do. */
import { overtaken, type Problem, type Snapshot, type Store, type Workbench } from '../store/index.ts';
import type { Table } from '../tickets/column.ts';
import { runs, tables } from '../tickets/index.ts';
import { type Candidate, chooseJob, type Strategy, urgencyOf } from './choose-job.ts';
import type { Job } from './job.ts';
import { Ledger } from './ledger.ts';
import { problemsOf } from './lost-segments.ts';
import { outputTable } from './output-table.ts';
import type { Attempt, PlannedWindow } from './plan-windows.ts';
import { Relations } from './relations.ts';
import { type Batch, runBatch } from './run-batch.ts';
import { Watermark } from './watermark.ts';

export interface SchedulerOptions {
  readonly strategy: Strategy;
  /** Jobs that run at once. */
  readonly parallel: number;
  /** Tickets are taken to be complete until then, whatever their sources say, and no window ends after it. */
  readonly until?: number | undefined;
  /** No window begins before. */
  readonly from?: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What was done, told after each commit. */
export interface Progress {
  readonly job: Job;
  readonly windows: readonly PlannedWindow[];
  readonly rows: number;
  /** What of its tables was left out because it is damaged or missing. */
  readonly problems: readonly Problem[];
}

/** A job that could not be run; those that read its table wait. */
export interface Failure {
  readonly job: Job;
  readonly error: unknown;
}

const BATCH_WINDOWS = 1440;
/** Rows of tickets that a batch reads, about. */
const BATCH_MARKS = 1_000_000;
/** How often in a row another process may be faster before this one gives up. */
const PATIENCE = 100;

export class Scheduler {
  readonly ledger: Ledger;
  readonly #store: Store;
  readonly #bench: Workbench;
  readonly #options: SchedulerOptions;
  readonly #urgency: ReadonlyMap<string, number>;
  /** One a job that runs at once. */
  readonly #free: Relations[];
  readonly #busy = new Set<string>();
  readonly #failed = new Set<string>();
  /** Milliseconds a window, by job. */
  readonly #windowMs = new Map<string, number>();
  readonly #watermark = new Watermark();
  #overtaken = 0;
  /** Runs that have ended. */
  #ended = 0;

  /** @param jobs as `orderJobs` gives them */
  constructor(store: Store, bench: Workbench, jobs: readonly Job[], options: SchedulerOptions) {
    this.ledger = new Ledger(jobs, options);
    this.#store = store;
    this.#bench = bench;
    this.#options = options;
    this.#urgency = urgencyOf(jobs);
    this.#free = Array.from({ length: options.parallel }, (_, i) => new Relations(bench, `slice ${i}`));
  }

  /**
   * Runs what can be run, until nothing can or the signal ends it; what has begun is finished.
   *
   * @throws what reading the store throws, SONDE_STREAM_OVERTAKEN if other processes are always faster
   */
  async drain(progress: (done: Progress) => void = () => undefined, signal?: AbortSignal): Promise<readonly Failure[]> {
    const failures: Failure[] = [];
    const running = new Set<Promise<void>>();
    this.#failed.clear();
    while (!signal?.aborted) {
      const task = running.size < this.#options.parallel ? await this.#take() : undefined;
      if (task === undefined) {
        if (running.size === 0) break;
        await Promise.race(running);
        continue;
      }
      const work: Promise<void> = this.#run(task, progress)
        .catch((error: unknown) => {
          this.#failed.add(task.batch.job.name);
          failures.push({ job: task.batch.job, error });
        })
        .finally(() => running.delete(work));
      running.add(work);
    }
    await Promise.all(running);
    return failures;
  }

  /** Gives back what the engine holds for it. */
  async close(): Promise<void> {
    for (const relations of this.#free) await relations.trim(0);
  }

  /** Looks at the store as it is now. */
  async look(): Promise<Snapshot> {
    const { now, until } = this.#options;
    const lastCommits = await this.#store.lastCommits();
    const snapshot = await this.#store.snapshot();
    try {
      const watermark = until ?? (await this.#watermark.read(snapshot, this.#bench, lastCommits, now()));
      await this.ledger.refresh(snapshot, this.#bench, watermark);
    } catch (error) {
      await snapshot.close();
      throw error;
    }
    return snapshot;
  }

  async #take(): Promise<{ readonly batch: Batch; readonly snapshot: Snapshot } | undefined> {
    const snapshot = await this.#lookAfterRuns();
    const candidates = this.ledger.jobs.flatMap((job): Candidate[] => {
      if (this.#busy.has(job.name) || this.#failed.has(job.name)) return [];
      const first = this.ledger.first(job);
      return first === undefined ? [] : [{ job, start: first.start, windowMs: this.#windowMs.get(job.name) ?? 1000 }];
    });
    if (candidates.length === 0) {
      await snapshot.close();
      return undefined;
    }
    const { job } = chooseJob(candidates, this.#options.strategy, this.#urgency, this.ledger.watermark);
    this.#busy.add(job.name);
    return { batch: { job, windows: this.#windowsOf(job) }, snapshot };
  }

  /**
   * Looks until no run has ended meanwhile: the ledger knows of such a run already, and the snapshot may be without its
   * rows. Who reads them would be run over nothing, and never again.
   */
  async #lookAfterRuns(): Promise<Snapshot> {
    for (;;) {
      const ended = this.#ended;
      const snapshot = await this.look();
      if (ended === this.#ended) return snapshot;
      await snapshot.close();
    }
  }

  /** The windows of the next commit: of one output window, and not too many. */
  #windowsOf(job: Job): readonly Attempt[] {
    const windows: Attempt[] = [];
    let marks = 0;
    for (const window of this.ledger.todo(job)) {
      const part = Math.floor(window.start / job.outputWindowUs);
      if (windows.length > 0 && part !== Math.floor(windows[0]!.start / job.outputWindowUs)) break;
      windows.push({ ...window, attempt: this.ledger.attemptOf(job, window.start) });
      // Of what slides over a long window, each step loads no more than a step's share.
      marks += Math.max(...job.inputs.map(({ windowUs }, i) => window.marks[i]! * Math.min(1, job.stepUs / windowUs)));
      if (windows.length >= BATCH_WINDOWS || marks > BATCH_MARKS) break;
    }
    return windows;
  }

  async #run(
    { batch, snapshot }: { readonly batch: Batch; readonly snapshot: Snapshot },
    progress: (done: Progress) => void,
  ): Promise<void> {
    const { job, windows } = batch;
    const relations = this.#free.pop()!;
    const began = performance.now();
    try {
      const place = {
        store: this.#store,
        bench: this.#bench,
        relations,
        tableOf: (name: string) => this.#tableOf(name),
      };
      const rows = await runBatch(place, snapshot, batch);
      if (rows === undefined) {
        if (++this.#overtaken > PATIENCE) throw overtaken({ appId: `job:${job.name}`, version: 0 });
        return;
      }
      this.#overtaken = 0;
      this.#windowMs.set(job.name, (performance.now() - began) / windows.length);
      this.ledger.ran(job, windows, snapshot.number);
      this.#ended++;
      progress({ job, windows, rows, problems: problemsOf(job, snapshot) });
    } finally {
      this.#busy.delete(job.name);
      this.#free.push(relations);
      await snapshot.close();
    }
  }

  #tableOf(name: string): Table {
    const job = this.ledger.jobs.find((one) => one.name === name);
    return job === undefined ? [...tables, runs].find((table) => table.name === name)! : outputTable(job);
  }
}
