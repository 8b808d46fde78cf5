/** Which windows of a job are to be run, and why: the rules of DBStream's windows, without any I/O. */
import { isOwn, type Job, type JobInput, sliceOf, windowOf } from './job.ts';
import type { WindowLog } from './window-log.ts';

type Reason = 'new' | 'late' | 'relabelled' | 'replay';

/** A window that is to be run. */
export interface PlannedWindow {
  /** Its start; it ends a step later. */
  readonly start: number;
  readonly reason: Reason;
  /** For each input, what grows with its slice. */
  readonly marks: readonly number[];
  /** The newest snapshot in which rows of an input were changed in place; -1 if none were. */
  readonly changed: number;
}

/** A window that is run, and how manieth run of it that is. */
export interface Attempt extends PlannedWindow {
  readonly attempt: number;
}

/** What a slice of a table holds, whoever fills it. */
export interface Source {
  /** Something that grows when rows come to [from, until): their number, or the runs behind them; 0 if there are none. */
  readonly mark: (from: number, until: number) => number;
  /** The newest snapshot in which rows of [from, until) were changed in place; -1 if none were. */
  readonly changed: (from: number, until: number) => number;
  /** The first time from `from` on at which there is something; Infinity if there is nothing. */
  readonly next: (from: number) => number;
}

export interface Ground {
  readonly job: Job;
  /** By table, the job's own left out. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly done: WindowLog;
  /** Starts of windows that a person wants run again. */
  readonly wanted: ReadonlySet<number>;
  /** Windows before this are known to need nothing. */
  readonly from: number;
  /** Windows must end by this. */
  readonly until: number;
}

/** The first window, from the one of `start` on, of which a slice of some input begins or holds something. */
const nextWithData = ({ job, sources, done }: Ground, start: number): number => {
  const starts = job.inputs.map((input) => {
    const next = isOwn(job, input) ? (at: number) => done.next(at) : sources.get(input.table)!.next;
    const from = Number.isFinite(start) ? sliceOf(job, input, start).from : start;
    return Math.max(start, windowOf(job, next(from) + input.delayUs));
  });
  return Math.min(...starts);
};

/**
 * The windows to run, in order. A window that was never run is new, late if an input has more than at its last attempt,
 * and relabelled if rows of an input were changed since. Windows in which no input has a row are passed over, unless the
 * job wants them; so are those of which the tickets were retired since, for what was computed from them stays.
 *
 * Lazily: whoever takes one window looks no further. To take several is to run them in this order.
 */
export function* planWindows(ground: Ground): Generator<PlannedWindow> {
  const { job, sources, done, wanted, until } = ground;
  const planned = new Set<number>();
  const markOf = (input: JobInput, from: number, end: number): number => {
    if (!isOwn(job, input)) return sources.get(input.table)!.mark(from, end);
    let sum = done.sum(from, end);
    for (let at = windowOf(job, from + job.stepUs - 1); at < end; at += job.stepUs) if (planned.has(at)) sum++;
    return sum;
  };
  const least = Math.max(
    ground.from,
    job.startUs === undefined ? Number.NEGATIVE_INFINITY : windowOf(job, job.startUs),
  );
  let start = nextWithData(ground, least);
  if (job.runsEmpty && Number.isFinite(least)) start = least;
  while (start + job.stepUs <= until) {
    const slices = job.inputs.map((input) => ({ input, ...sliceOf(job, input, start) }));
    const marks = slices.map(({ input, from, until }) => markOf(input, from, until));
    const changes = slices.map(({ input, from, until }) =>
      isOwn(job, input) ? -1 : sources.get(input.table)!.changed(from, until),
    );
    const changed = Math.max(...changes);
    const attempts = done.attempts(start);
    const hasMore = marks.some((mark, i) => mark > done.mark(start, i));
    const hasLess =
      attempts > 0 && marks.some((mark, i) => mark < done.mark(start, i) && done.mark(start, i) < Infinity);
    const isEmpty = marks.every((mark) => mark === 0);
    let reason: Reason | undefined;
    if (attempts === 0) reason = isEmpty && !job.runsEmpty ? undefined : 'new';
    else if (hasLess) reason = undefined;
    else if (wanted.has(start)) reason = 'replay';
    else if (hasMore) reason = 'late';
    else if (changed > done.snapshot(start)) reason = 'relabelled';
    if (reason !== undefined) {
      planned.add(start);
      yield { start, reason, marks, changed };
    }
    const following = start + job.stepUs;
    start = isEmpty && !job.runsEmpty ? Math.max(following, nextWithData(ground, following)) : following;
  }
}
