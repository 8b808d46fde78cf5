/** What is known of jobs and their inputs at a moment, and what follows from it: the windows that are to be run. */
import type { Rewritten, Snapshot, Workbench } from '../store/index.ts';
import { runs } from '../tickets/index.ts';
import { isOwn, type Job, windowOf } from './job.ts';
import { isTicketTable } from './order-jobs.ts';
import { type Attempt, type Ground, type PlannedWindow, planWindows, type Source } from './plan-windows.ts';
import { Tally } from './tally.ts';
import { WindowLog } from './window-log.ts';

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** The widest bins of which all slices of the table consist. */
const binOf = (table: string, jobs: readonly Job[]): number =>
  jobs
    .flatMap(({ inputs, stepUs }) =>
      inputs.filter((input) => input.table === table).map((input) => ({ input, stepUs })),
    )
    .reduce((bin, { input, stepUs }) => [stepUs, input.windowUs, input.delayUs].reduce(gcd, bin), 0);

/** The newest snapshot that changed rows of [from, until); -1 if none did. */
const newestRewrite = (rewrites: readonly Rewritten[], from: number, until: number): number =>
  rewrites.findLast(({ ranges }) => ranges.some(([first, last]) => first < until && last >= from))?.snapshot ?? -1;

/** Windows outside of it are left as they are. */
export interface Range {
  readonly from?: number | undefined;
  readonly until?: number | undefined;
}

export class Ledger {
  /** In the order of what they read. */
  readonly jobs: readonly Job[];
  /** How far tickets have come. */
  watermark = Number.NEGATIVE_INFINITY;
  readonly #tallies: readonly Tally[];
  readonly #logs = new Map<string, WindowLog>();
  /** By table of tickets. */
  readonly #rewrites = new Map<string, readonly Rewritten[]>();
  readonly #sources = new Map<string, Source>();
  readonly #wanted = new Map<string, Set<number>>();
  /** By job: windows before this need nothing. */
  readonly #clean = new Map<string, number>();
  readonly #readRuns = new Set<string>();
  /** The jobs, and the tables that they read. */
  readonly #named: ReadonlySet<string>;

  readonly #range: Range;

  /** @param jobs as `orderJobs` gives them */
  constructor(jobs: readonly Job[], range: Range = {}) {
    this.jobs = jobs;
    this.#range = range;
    const inputs = new Set(jobs.flatMap((job) => job.inputs.map(({ table }) => table)));
    this.#named = new Set([...inputs, ...jobs.map(({ name }) => name)]);
    this.#tallies = [...inputs].filter(isTicketTable).map((table) => new Tally(table, binOf(table, jobs)));
    for (const tally of this.#tallies)
      this.#sources.set(tally.table, {
        mark: (from, until) => tally.rows(from, until),
        changed: (from, until) => newestRewrite(this.#rewrites.get(tally.table) ?? [], from, until),
        next: (from) => tally.next(from),
      });
    for (const job of jobs) this.#logOf(job.name, job.stepUs, job.inputs.length);
    for (const table of inputs) if (!isTicketTable(table)) this.#sources.set(table, this.#sourceOf(table));
  }

  /** Takes in what became visible: rows of tickets, other labels of theirs, and runs of other processes. */
  async refresh(snapshot: Snapshot, bench: Workbench, watermark: number): Promise<void> {
    this.watermark = watermark;
    for (const tally of this.#tallies) {
      this.#touch(tally.table, await tally.update(snapshot, bench));
      this.#touch(tally.table, this.#noteRewrites(tally.table, snapshot.rewritesOf(tally.table)));
    }
    const fresh = snapshot.segmentsOf(runs.name).filter(({ file }) => !this.#readRuns.has(file));
    if (fresh.length === 0) return;
    const result = await bench.query(
      `SELECT job, toUnixTimestamp64Micro(window_start) AS start, attempt, inputs, input_marks, snapshot, job_version,
         toUnixTimestamp64Micro(window_end) - toUnixTimestamp64Micro(window_start) AS step
       FROM (${await snapshot.selectOf(runs, fresh)}) WHERE has({named:Array(String)}, job) ORDER BY attempt`,
      { named: [...this.#named] },
    );
    for await (const chunk of result)
      for (const row of chunk)
        this.#note(
          String(row.job),
          Number(row.step),
          Number(row.start),
          Number(row.attempt),
          row.inputs as readonly string[],
          row.input_marks as readonly number[],
          Number(row.snapshot ?? -1),
          String(row.job_version),
        );
    for (const { file } of fresh) this.#readRuns.add(file);
  }

  /**
   * Notes that a job went over windows, unless a look at `runs` has told already.
   *
   * @param snapshot its number
   */
  ran(job: Job, windows: readonly Attempt[], snapshot: number): void {
    for (const { start, attempt, marks } of windows) {
      this.doneOf(job).note(start, attempt, marks, snapshot);
      this.#wanted.get(job.name)?.delete(start);
      this.#touch(job.name, start);
    }
  }

  /** How manieth run of this window the next one is. */
  attemptOf(job: Job, start: number): number {
    return this.doneOf(job).attempts(start) + 1;
  }

  doneOf(job: Job): WindowLog {
    return this.#logs.get(job.name)!;
  }

  /** Lets windows that were run be run again, though nothing has changed. */
  want(job: Job, from: number, until: number): void {
    const done = this.doneOf(job);
    const wanted = this.#wantedOf(job);
    const end = Math.min(until, done.end);
    for (let at = done.next(from); at + job.stepUs <= end; at = done.next(at + job.stepUs)) wanted.add(at);
    this.#clean.set(job.name, Number.NEGATIVE_INFINITY);
  }

  /** The windows that a job is to run as far as its inputs have come, in order. */
  *todo(job: Job): Generator<PlannedWindow> {
    yield* planWindows(this.#groundOf(job));
  }

  /** The first of them. */
  first(job: Job): PlannedWindow | undefined {
    const ground = this.#groundOf(job);
    const [first] = planWindows(ground);
    this.#clean.set(job.name, Math.max(ground.from, first?.start ?? ground.until));
    return first;
  }

  /**
   * The windows whose rows do not stand for what their inputs hold, however far inputs have come: those that hold
   * something and were not run, or not since it changed.
   */
  *behind(job: Job): Generator<PlannedWindow> {
    yield* planWindows({ ...this.#groundOf(job), until: Number.MAX_SAFE_INTEGER });
  }

  /** The time up to which a job has nothing to do, for its inputs have not come farther: the end of its last window. */
  readyUntil(job: Job): number {
    const passed = job.inputs
      .filter((input) => !isOwn(job, input))
      .map(({ table, delayUs }) => delayUs + this.cameTo(job, table));
    if (passed.length === 0) passed.push(this.watermark);
    return windowOf(job, Math.min(...passed, this.#range.until ?? Number.POSITIVE_INFINITY));
  }

  /** How far an input of a job has come, its lateness taken off. */
  cameTo(job: Job, table: string): number {
    return isTicketTable(table) ? this.watermark - job.latenessUs : this.passed(table);
  }

  /** How far the table of a job is whole: nothing that is to be run lies before. */
  passed(table: string): number {
    const job = this.jobs.find(({ name }) => name === table);
    if (job === undefined) return this.#logs.get(table)?.end ?? Number.NEGATIVE_INFINITY;
    return this.first(job)?.start ?? this.readyUntil(job);
  }

  #groundOf(job: Job): Ground {
    return {
      job,
      sources: this.#sources,
      done: this.doneOf(job),
      wanted: this.#wantedOf(job),
      from: Math.max(
        this.#clean.get(job.name) ?? Number.NEGATIVE_INFINITY,
        Math.ceil((this.#range.from ?? Number.NEGATIVE_INFINITY) / job.stepUs) * job.stepUs,
      ),
      until: this.readyUntil(job),
    };
  }

  #note(
    name: string,
    stepUs: number,
    start: number,
    attempt: number,
    inputs: readonly string[],
    marks: readonly number[],
    snapshot: number,
    version: string,
  ): void {
    const job = this.jobs.find((one) => one.name === name);
    const log = this.#logOf(name, stepUs, inputs.length);
    // Windows of another width are none of this job's.
    if (log.stepUs !== stepUs) return;
    // An older text of the job read something else: what that had then says nothing now.
    const isSame = job === undefined || job.inputs.map(({ table }) => table).join() === inputs.join();
    if (!log.note(start, attempt, isSame ? marks : job.inputs.map(() => Number.POSITIVE_INFINITY), snapshot)) return;
    this.#touch(name, start);
    // Rows of a rollup are added up, so all of them must say what its text says now.
    if (job?.rollup !== undefined && version !== job.version) {
      this.#wantedOf(job).add(start);
      this.#clean.set(name, Math.min(start, this.#clean.get(name) ?? Number.NEGATIVE_INFINITY));
    } else this.#wanted.get(name)?.delete(start);
  }

  /** The first moment of which rows were changed that is not known yet; Infinity if there is none. */
  #noteRewrites(table: string, rewrites: readonly Rewritten[]): number {
    const known = this.#rewrites.get(table)?.length ?? 0;
    this.#rewrites.set(table, rewrites);
    const starts = rewrites.slice(known).flatMap(({ ranges }) => ranges.map(([first]) => first));
    return Math.min(...starts);
  }

  #wantedOf({ name }: Job): Set<number> {
    const wanted = this.#wanted.get(name) ?? new Set();
    this.#wanted.set(name, wanted);
    return wanted;
  }

  #logOf(name: string, stepUs: number, inputs: number): WindowLog {
    const log = this.#logs.get(name) ?? new WindowLog(stepUs, inputs);
    this.#logs.set(name, log);
    return log;
  }

  #sourceOf(table: string): Source {
    return {
      mark: (from, until) => this.#logs.get(table)?.sum(from, until) ?? 0,
      // Runs replace rows there, and count in the mark.
      changed: () => -1,
      next: (from) => this.#logs.get(table)?.next(from) ?? Number.POSITIVE_INFINITY,
    };
  }

  /** A table has changed from `at` on: so may have the windows that read it. */
  #touch(table: string, at: number): void {
    if (at === Number.POSITIVE_INFINITY) return;
    for (const job of this.jobs)
      for (const input of job.inputs) {
        if (input.table !== table) continue;
        const clean = this.#clean.get(job.name) ?? Number.NEGATIVE_INFINITY;
        this.#clean.set(job.name, Math.min(clean, windowOf(job, at + input.delayUs)));
      }
  }
}
